/** System errors as catalogued ones: the one table. */
import { AppError } from '@cahier/base/app-error.ts';
import { type ErrorCode, appError } from '@cahier/core/errors.ts';

const codeOf: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'file/not-found',
  ENOTDIR: 'file/not-found',
  EEXIST: 'file/exists',
  ENOTEMPTY: 'file/exists',
  EACCES: 'file/not-permitted',
  EPERM: 'file/not-permitted',
  ENOSPC: 'file/disk-full',
  EDQUOT: 'file/disk-full',
  EROFS: 'file/disk-full',
  EISDIR: 'file/is-directory',
  ELOOP: 'file/outside',
  ENAMETOOLONG: 'file/outside',
};

export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** `path` as the project knows it: absolute ones do not leave the runner. */
export function fileError(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const system = systemCode(error);
  const code = (system === null ? undefined : codeOf[system]) ?? 'file/failed';
  return appError(code, { details: { path, why: system ?? 'an unknown reason' }, cause: error });
}

/** Runs a file operation; what the system throws becomes a catalogued error about `path`. */
export async function withFileErrors<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw fileError(error, path);
  }
}
