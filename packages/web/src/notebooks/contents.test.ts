import { asCellId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import { contentsOf, headingsOf, withHeading } from './contents.ts';

const cell = (id: string, type: 'code' | 'markdown', source: string) => ({ id: asCellId(id), type, source });

describe('the contents list', () => {
  it('has the headings and the code below each', () => {
    const contents = contentsOf([
      cell('a', 'markdown', '# One\ntext'),
      cell('b', 'code', '# not a heading'),
      cell('c', 'code', ''),
      cell('d', 'markdown', '## Two **bold** [link](x)'),
      cell('e', 'code', ''),
    ]);
    expect(contents.map(({ title, level, section }) => [title, level, section])).toEqual([
      ['One', 1, ['b', 'c']],
      ['Two bold link', 2, ['e']],
    ]);
  });

  it('knows both forms and leaves code out', () => {
    expect(headingsOf('Title\n=====\n```\n# no\n```\nSub\n---\n# ')).toEqual([
      { level: 1, title: 'Title' },
      { level: 2, title: 'Sub' },
    ]);
    expect(headingsOf('#no\n- a\n---')).toEqual([]);
  });
});

describe('the keys 1 to 6', () => {
  it.each([
    ['Title', 2, '## Title'],
    ['### Title', 1, '# Title'],
    ['', 3, '### '],
    ['#hash', 1, '# #hash'],
  ])('%j to %d', (source, level, expected) => {
    expect(withHeading(source, level)).toBe(expected);
  });
});
