/** Names for copies, as Jupyter gives them: a-Copy1.ipynb, a-Copy2.ipynb… */
import { extname } from 'node:path';

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
