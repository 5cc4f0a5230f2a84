import { describe, expect, it } from 'vitest';
import { besides } from './notebook-outputs.ts';

describe('files beside a notebook', () => {
  it.each([
    ['a/b.ipynb', 'c.png', 'a/c.png'],
    ['a/b.ipynb', '../img/c.png', 'img/c.png'],
    ['b.ipynb', '../../../etc/passwd', 'etc/passwd'],
    ['a/b.ipynb', './x/./c.png?v=1#a', 'a/x/c.png'],
    ['a/b.ipynb', '/top.png', 'top.png'],
  ])('of %s: %s is %s', (path, relative, expected) => {
    expect(besides(path, relative)).toBe(expected);
  });
});
