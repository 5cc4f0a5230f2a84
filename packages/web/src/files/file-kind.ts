/** What a file is, told from its name: how it is drawn, opened or previewed. Pure. */
export type FileKind = 'folder' | 'notebook' | 'text' | 'image' | 'pdf' | 'media' | 'archive' | 'data';

const endings: Record<string, FileKind> = {
  ipynb: 'notebook',
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  gif: 'image',
  webp: 'image',
  bmp: 'image',
  avif: 'image',
  ico: 'image',
  pdf: 'pdf',
  mp3: 'media',
  wav: 'media',
  ogg: 'media',
  mp4: 'media',
  webm: 'media',
  mov: 'media',
  zip: 'archive',
  gz: 'archive',
  tgz: 'archive',
  xz: 'archive',
  bz2: 'archive',
  '7z': 'archive',
  tar: 'archive',
  npy: 'data',
  npz: 'data',
  pkl: 'data',
  parquet: 'data',
  h5: 'data',
  hdf5: 'data',
  xlsx: 'data',
  docx: 'data',
  sqlite: 'data',
  db: 'data',
};

export function endingOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

/** Everything unknown counts as text: the server says so when it is not. */
export function fileKind(name: string): FileKind {
  return endings[endingOf(name)] ?? 'text';
}

/** Kinds that the server can open for editing; the others are shown or downloaded. */
export function isOpenable(kind: FileKind): boolean {
  return kind === 'notebook' || kind === 'text';
}
