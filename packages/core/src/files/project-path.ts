/**
 * Paths inside a project: relative, `/` between the parts, no `..`. This is the pure half of keeping a project's
 * files together; the runner's `files/safe-path.ts` is the other half and looks at symbolic links.
 */
import { appError } from '../errors.ts';

/** Linux's limits, in bytes. */
const maxPathBytes = 4096;
const maxNameBytes = 255;

const encoder = new TextEncoder();

/**
 * Drops empty parts and `.`; the project's own folder is the empty path. `%2e` is three ordinary characters.
 * Throws `file/outside` for absolute paths, `..`, NUL, backslashes and paths that no system can have.
 */
export function normaliseProjectPath(path: string): string {
  const outside = () => appError('file/outside', { details: { path: printable(path) } });
  if (path.startsWith('/') || path.includes('\\') || path.includes('\0')) throw outside();
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw outside();
  if (parts.some((part) => encoder.encode(part).length > maxNameBytes)) throw outside();
  const normal = parts.join('/');
  if (encoder.encode(normal).length > maxPathBytes) throw outside();
  return normal;
}

/** Folder of a normalised path; empty for what lies at the top. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Last part of a normalised path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function printable(path: string): string {
  const short = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return short.replace(/\p{Cc}/gu, '�');
}
