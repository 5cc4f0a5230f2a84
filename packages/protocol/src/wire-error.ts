/** Errors on the wire: one table from kind to HTTP status and socket close code. */
import { AppError, type ErrorKind } from '@cahier/base/app-error.ts';
import { appError } from '@cahier/core/errors.ts';
import { z } from 'zod';
import { jsonObject } from './json.ts';

export const wireError = z.object({
  code: z.string(),
  kind: z.enum([
    'invalid',
    'unauthenticated',
    'forbidden',
    'not-found',
    'conflict',
    'too-large',
    'rate-limited',
    'cancelled',
    'internal',
    'unavailable',
    'timeout',
  ]),
  message: z.string(),
  details: jsonObject.optional(),
  requestId: z.string().optional(),
  retryAfterMs: z.number().optional(),
});
export type WireError = z.infer<typeof wireError>;

export const httpStatusOf: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'rate-limited': 429,
  cancelled: 499,
  internal: 500,
  unavailable: 503,
  timeout: 504,
};

/** Socket close codes. 4426: the page must be reloaded. The client retries on everything but 44xx. */
export const closeCodeOf: Record<ErrorKind, number> = {
  invalid: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  'not-found': 4404,
  conflict: 4426,
  'too-large': 1009,
  'rate-limited': 1013,
  cancelled: 1000,
  internal: 1011,
  unavailable: 1013,
  timeout: 1013,
};

/** Unknown errors become `internal/unexpected`: nothing of their text leaves the server. */
export function toWireError(error: unknown, requestId?: string): WireError {
  const known =
    error instanceof AppError
      ? error
      : appError('internal/unexpected', { details: { requestId: requestId ?? '' }, cause: error });
  return {
    code: known.code,
    kind: known.kind,
    message: known.message,
    details: known.details,
    ...(requestId === undefined ? {} : { requestId }),
    ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
  };
}

export function fromWireError(error: WireError): AppError {
  return new AppError(error.code, error.kind, error.message, { details: error.details ?? {} });
}
