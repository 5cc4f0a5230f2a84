/** Names that Jupyter's contents API gives to new files. */
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
