import { asCellId } from '@cahier/base/ids.ts';
import { expect, test } from 'vitest';
import { type FindQuery, findHits, hitFrom, replacementOf } from './find-text.ts';

const [a, b] = [asCellId('a'), asCellId('b')];

function query(text: string, options: Partial<FindQuery> = {}): FindQuery {
  return { text, isCaseSensitive: false, isWholeWord: false, isPattern: false, ...options };
}

function hits(cells: readonly string[], asked: FindQuery): string[] {
  const found = findHits(
    cells.map((source, i) => ({ id: asCellId(String.fromCharCode(97 + i)), source })),
    asked,
  );
  if (!found.ok) return ['unreadable'];
  return found.hits.map(({ cell, from, to }) => `${cell}:${from}-${to}`);
}

test('a text is found in every cell, in reading order, whatever its capitals', () => {
  expect(hits(['x = Sum(x)', '# SUM'], query('sum'))).toEqual(['a:4-7', 'b:2-5']);
  expect(hits(['x = Sum(x)', '# SUM'], query('SUM', { isCaseSensitive: true }))).toEqual(['b:2-5']);
});

test('signs of patterns are plain signs unless a pattern is wanted', () => {
  expect(hits(['f(x) + a.b', 'axb'], query('a.b'))).toEqual(['a:7-10']);
  expect(hits(['f(x) + a.b', 'axb'], query('a.b', { isPattern: true }))).toEqual(['a:7-10', 'b:0-3']);
});

test('whole words end where letters of any language, digits and underscores end', () => {
  expect(hits(['n, name, n_1, né, n'], query('n', { isWholeWord: true }))).toEqual(['a:0-1', 'a:18-19']);
});

test('^ and $ are the edges of lines; what matches nothing is no hit', () => {
  expect(hits(['import a\nimport b'], query('^import', { isPattern: true }))).toEqual(['a:0-6', 'a:9-15']);
  expect(hits(['abc'], query('x*', { isPattern: true }))).toEqual([]);
});

test('a pattern that cannot be read is said to be unreadable; escapes of other languages can be read', () => {
  expect(hits(['abc'], query('(', { isPattern: true }))).toEqual(['unreadable']);
  expect(hits(['a-b'], query('a\\-b', { isPattern: true }))).toEqual(['a:0-3']);
});

test('groups of a pattern can be used in what replaces it, also beside what it only looks at', () => {
  const asked = query('(?<=\\b)(\\w+)_(\\w+)(?=\\()', { isPattern: true });
  const source = 'my_name(x)';
  expect(replacementOf(asked, source, { cell: a, from: 0, to: 7 }, '$2_$1')).toBe('name_my');
});

test('without a pattern what replaces is taken as it stands', () => {
  expect(replacementOf(query('x'), 'x', { cell: a, from: 0, to: 1 }, '$1$&')).toBe('$1$&');
});

test('the first hit shown is the one after the cursor; after the last comes the first', () => {
  const found = [
    { cell: a, from: 0, to: 1 },
    { cell: a, from: 8, to: 9 },
    { cell: b, from: 2, to: 3 },
  ];
  expect(hitFrom(found, [a, b], { cell: a, offset: 5 })).toBe(1);
  expect(hitFrom(found, [a, b], { cell: b, offset: 0 })).toBe(2);
  expect(hitFrom(found, [a, b], { cell: b, offset: 3 })).toBe(0);
  expect(hitFrom([], [a, b], { cell: a, offset: 0 })).toBe(-1);
});
