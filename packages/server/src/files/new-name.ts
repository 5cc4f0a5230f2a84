/** Names for new files, as Jupyter gives them: the first free of Untitled.ipynb, Untitled1.ipynb, Untitled2.ipynb… */
export type NewFileType = 'notebook' | 'text' | 'directory';

export function* newNames(type: NewFileType): Generator<string> {
  const [stem, between, extension] = {
    notebook: ['Untitled', '', '.ipynb'],
    text: ['untitled', '', '.txt'],
    directory: ['Untitled Folder', ' ', ''],
  }[type];
  yield `${stem}${extension}`;
  for (let n = 1; ; n += 1) yield `${stem}${between}${n}${extension}`;
}

export function freeName(type: NewFileType, taken: ReadonlySet<string>): string {
  for (const name of newNames(type)) if (!taken.has(name)) return name;
  throw new Error('the generator of names has no end');
}
