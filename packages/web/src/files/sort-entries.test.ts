import type { FileEntry } from '@cahier/protocol/project-facts.ts';
import { describe, expect, it } from 'vitest';
import { fileKind } from './file-kind.ts';
import { sortEntries } from './sort-entries.ts';

const entry = (name: string, type: FileEntry['type'] = 'file', size = 0, modifiedAt = 0): FileEntry => ({
  name,
  path: name,
  type,
  size,
  modifiedAt,
  isWritable: true,
});
const names = (entries: readonly FileEntry[]) => entries.map((one) => one.name);

describe('sortEntries', () => {
  const entries = [
    entry('lab10.ipynb', 'file', 5, 30),
    entry('.git', 'directory'),
    entry('Lab2.ipynb', 'file', 9, 10),
    entry('data', 'directory'),
    entry('.env', 'file', 1, 99),
    entry('a.txt', 'file', 7, 20),
  ];

  it('counts as people do, folders first, hidden last', () => {
    expect(names(sortEntries(entries, { key: 'name', isDescending: false }))).toEqual([
      'data',
      'a.txt',
      'Lab2.ipynb',
      'lab10.ipynb',
      '.git',
      '.env',
    ]);
  });

  it('sorts by time and size within the groups', () => {
    expect(names(sortEntries(entries, { key: 'modified', isDescending: true })).slice(1, 4)).toEqual([
      'lab10.ipynb',
      'a.txt',
      'Lab2.ipynb',
    ]);
    expect(names(sortEntries(entries, { key: 'size', isDescending: false })).slice(1, 4)).toEqual([
      'lab10.ipynb',
      'a.txt',
      'Lab2.ipynb',
    ]);
  });
});

describe('fileKind', () => {
  it.each([
    ['a.ipynb', 'notebook'],
    ['A.PNG', 'image'],
    ['Makefile', 'text'],
    ['.png', 'text'],
    ['x.tar.gz', 'archive'],
  ])('%s is %s', (name, kind) => {
    expect(fileKind(name)).toBe(kind);
  });
});
