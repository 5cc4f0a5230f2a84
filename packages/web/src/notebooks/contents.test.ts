import { asCellId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import { cellOfHeading, contentsOf, headingsOf, withHeading } from './contents.ts';

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

describe('a link to a heading', () => {
  const cells = [cell('a', 'code', '# Part one'), cell('b', 'markdown', 'x\n## Part *one*: 100%')];

  it.each(['Part-one:-100%', 'Part-*one*:-100%25', 'part-one:-100%'])('%s', (anchor) => {
    expect(cellOfHeading(cells, anchor)).toBe('b');
  });

  it('that is not there goes nowhere', () => {
    expect(cellOfHeading(cells, 'Part-two')).toBeNull();
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
