/** The files that commands work on, as values: a notebook, a text, or bytes that are neither. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { kindOf } from '@cahier/core/documents/kinds.ts';
import { textKind } from '@cahier/core/documents/text-kind.ts';
import { appError } from '@cahier/core/errors.ts';
import { notebookKind } from '@cahier/core/notebooks/notebook-kind.ts';
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';

export type Input =
  | {
      readonly kind: 'notebook';
      readonly notebook: PlainNotebook;
      /** False: some cell had no id, or one that another cell has; then ids prove nothing. */
      readonly hasIds: boolean;
      readonly bytes: Uint8Array;
    }
  /** `why`: it is called a notebook and is none; a sentence. */
  | { readonly kind: 'text'; readonly text: string; readonly why?: string; readonly bytes: Uint8Array }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  /** There is nothing (Git's /dev/null, an empty file where a notebook should be). */
  | { readonly kind: 'nothing'; readonly bytes: Uint8Array };

const run = promisify(execFile);

/**
 * A file, or `REVISION:PATH` of the Git repository around (`HEAD:a.ipynb`), when there is no file of that name. Throws
 * the file system's error. `name`: what the file is called where `path` is only a copy of it.
 */
export async function readInput(path: string, cwd: string, name: string = path): Promise<Input> {
  if (path === '/dev/null') return inputOf(new Uint8Array(), name, true);
  try {
    return inputOf(await readFile(resolve(cwd, path)), name);
  } catch (error) {
    const committed = path.includes(':') ? await readCommitted(path, cwd) : null;
    if (committed === null) throw error;
    return inputOf(committed, name);
  }
}

/** Null when Git knows no such file. */
async function readCommitted(path: string, cwd: string): Promise<Uint8Array | null> {
  const colon = path.indexOf(':');
  // Git takes paths from the top of the repository unless they begin with a dot.
  const object = `${path.slice(0, colon)}:./${path.slice(colon + 1)}`;
  const options = { cwd, encoding: 'buffer', maxBuffer: notebookKind.maxBytes } as const;
  return run('git', ['show', '--end-of-options', object], options).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

export function inputOf(bytes: Uint8Array, name: string, isAbsent = false): Input {
  const isNotebook = kindOf(name) === 'notebook';
  if (isAbsent || (isNotebook && bytes.length === 0)) return { kind: 'nothing', bytes };
  let hasIds = true;
  const madeUp = () => {
    hasIds = false;
    return newId();
  };
  const notebook = isNotebook ? notebookKind.fromFile(bytes, name, madeUp) : null;
  if (notebook?.ok) return { kind: 'notebook', notebook: notebook.plain, hasIds, bytes };
  const text = textKind.fromFile(bytes, name, newId);
  if (!text.ok) return { kind: 'binary', bytes };
  const why = notebook && appError(notebook.code, { details: notebook.details }).message;
  return { kind: 'text', text: text.plain, bytes, ...(why && { why }) };
}

/** Ids for cells of files that have none; random, so that those of two files do not meet. */
export function newId(): string {
  return randomBytes(4).toString('hex');
}

/** A notebook without cells, in the format of another one: what `nothing` is compared and merged as. */
export function emptyNotebook(like: PlainNotebook): PlainNotebook {
  return { nbformatMinor: like.nbformatMinor, metadata: {}, cells: [] };
}
