/** The models of Jupyter's contents API: what a file, notebook or folder looks like to its clients. */
import { extname } from 'node:path';
import type { Json } from '@cahier/base/json.ts';
import { baseName } from '@cahier/core/files/project-path.ts';
import type { FileEntry } from '@cahier/protocol/project-facts.ts';

export type ContentsType = 'file' | 'notebook' | 'directory';

export interface ContentsModel {
  readonly name: string;
  readonly path: string;
  readonly type: ContentsType;
  readonly writable: boolean;
  /** The systems we run on do not tell when a file was made: it is the time of its last change. */
  readonly created: string;
  readonly last_modified: string;
  readonly mimetype: string | null;
  readonly format: 'json' | 'text' | 'base64' | null;
  readonly size: number | null;
  readonly content: Json | readonly ContentsModel[];
  readonly hash: string | null;
  readonly hash_algorithm: 'sha256' | null;
  /** A save that was made, but of something that is no valid notebook. */
  readonly message?: string;
}

export function typeOf(entry: Pick<FileEntry, 'type' | 'path'>): ContentsType {
  if (entry.type === 'directory') return 'directory';
  return isNotebook(entry.path) ? 'notebook' : 'file';
}

export function isNotebook(path: string): boolean {
  return path.toLowerCase().endsWith('.ipynb');
}

/** Without content. `hash`: SHA-256 in hex, when it is known. */
export function modelOf(entry: FileEntry, mayWrite: boolean, hash: string | null = null): ContentsModel {
  const time = new Date(entry.modifiedAt).toISOString();
  const type = typeOf(entry);
  return {
    name: baseName(entry.path),
    path: entry.path,
    type,
    writable: mayWrite && entry.isWritable,
    created: time,
    last_modified: time,
    mimetype: type === 'file' ? (guessedMimetype(entry.path) ?? null) : null,
    format: null,
    size: type === 'directory' ? null : entry.size,
    content: null,
    hash,
    hash_algorithm: hash === null ? null : 'sha256',
  };
}

const mimetypes: Readonly<Record<string, string>> = {
  '.bin': 'application/octet-stream',
  '.csv': 'text/csv',
  '.css': 'text/css',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.py': 'text/x-python',
  '.svg': 'image/svg+xml',
  '.tsv': 'text/tab-separated-values',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.xml': 'text/xml',
  '.zip': 'application/zip',
};

const guessedMimetype = (path: string): string | undefined => mimetypes[extname(path).toLowerCase()];

/** Of a file as text or bytes; a notebook that is read as a file is one. */
export function mimetypeOf(path: string, format: 'text' | 'base64'): string {
  return guessedMimetype(path) ?? (format === 'text' ? 'text/plain' : 'application/octet-stream');
}

/** Jupyter shows no names that begin with a dot, and answers as if they were not there. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.'));
}
