/**
 * The one error type that crosses nouns. `code` is permanent and looks like `noun/what`; the catalogue of codes
 * with their sentences is `core/src/errors.ts`. `kind` decides HTTP status and close code (protocol/wire-error.ts).
 */
import type { JsonObject } from './json.ts';

export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'rate-limited'
  | 'cancelled'
  | 'internal'
  | 'unavailable'
  | 'timeout';

export interface AppErrorOptions {
  readonly details?: JsonObject;
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: JsonObject;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, kind: ErrorKind, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.kind = kind;
    this.details = options.details ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }
}
