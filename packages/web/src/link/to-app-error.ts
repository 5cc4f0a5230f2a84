import { AppError } from '@cahier/base/app-error.ts';
import { appError } from '@cahier/core/errors.ts';

/** What was thrown, as an error that can be shown. */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError
    ? thrown
    : appError('page/unexpected', { cause: thrown, details: { why: String(thrown).slice(0, 200) } });
}
