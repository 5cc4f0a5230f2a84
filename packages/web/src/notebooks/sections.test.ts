import { asCellId } from '@cahier/base/ids.ts';
import { expect, test } from 'vitest';
import { headingAbove, hiddenCells, sectionLevel } from './sections.ts';

const cells = [
  ['title', 'markdown', '# Title'],
  ['one', 'markdown', '## One'],
  ['code', 'code', '# a comment'],
  ['inner', 'markdown', '### Inner'],
  ['text', 'markdown', 'text'],
  ['two', 'markdown', '## Two'],
  ['last', 'code', '1'],
].map(([id = '', type, source = '']) => ({
  id: asCellId(id),
  type: type === 'code' ? ('code' as const) : ('markdown' as const),
  source,
}));

function hidden(...folded: string[]): string[] {
  return [...hiddenCells(cells, (id) => folded.includes(id))].map(([cell, by]) => `${cell} by ${by}`);
}

test('a folded heading hides what follows, up to the next heading of its level', () => {
  expect(hidden('one')).toEqual(['code by one', 'inner by one', 'text by one']);
  expect(hidden('inner')).toEqual(['text by inner']);
  expect(hidden('two')).toEqual(['last by two']);
});

test('inside a folded section the outer heading is what hides, and folds inside change nothing', () => {
  expect(hidden('one', 'inner')).toEqual(hidden('one'));
  expect(hidden('title')).toHaveLength(6);
});

test('only headings of Markdown cells begin a section: a comment in code does not, nor does a text', () => {
  expect(hidden('code', 'text')).toEqual([]);
  expect(cells.map(sectionLevel)).toEqual([1, 2, null, 3, null, 2, null]);
});

test('the heading above a cell is that of its section; above a heading, that of the section around', () => {
  expect(headingAbove(cells, asCellId('text'))).toBe('inner');
  expect(headingAbove(cells, asCellId('inner'))).toBe('one');
  expect(headingAbove(cells, asCellId('two'))).toBe('title');
  expect(headingAbove(cells, asCellId('title'))).toBeNull();
});
