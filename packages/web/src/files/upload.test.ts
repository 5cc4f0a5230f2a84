import { describe, expect, it } from 'vitest';
import { numbered } from './upload.ts';

describe('numbered', () => {
  it.each([
    ['data.csv', 'data (2).csv'],
    ['a.b.csv', 'a.b (2).csv'],
    ['x.tar.gz', 'x (2).tar.gz'],
    ['Makefile', 'Makefile (2)'],
    ['.env', '.env (2)'],
  ])('%s → %s', (name, next) => {
    expect(numbered(name, 2)).toBe(next);
  });
});
