/** Names that Jupyter's contents API gives: to new files, and to copies. */
import { extname } from 'node:path';
import type { ContentsType } from './contents-model.ts';

/** `ext` with its dot, or empty. */
export function* untitledNames(type: ContentsType, ext: string): Generator<string> {
  const [stem, between, extension] =
    type === 'directory'
      ? ['Untitled Folder', ' ', '']
      : type === 'notebook'
        ? ['Untitled', '', '.ipynb']
        : ['untitled', '', ext];
  yield `${stem}${extension}`;
  for (let n = 1; ; n += 1) yield `${stem}${between}${n}${extension}`;
}

/** In another folder a copy keeps its name; a copy of a copy is counted on, not nested. */
export function* copyNames(name: string): Generator<string> {
  const plain = name.replace(/-Copy\d*(?=\.|$)/, '');
  const extension = extname(plain);
  const stem = plain.slice(0, plain.length - extension.length);
  yield plain;
  for (let n = 1; ; n += 1) yield `${stem}-Copy${n}${extension}`;
}

export function firstFree(names: Iterable<string>, taken: ReadonlySet<string>): string {
  for (const name of names) if (!taken.has(name)) return name;
  throw new Error('the generator of names has no end');
}
