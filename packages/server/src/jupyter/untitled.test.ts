import { describe, expect, it } from 'vitest';
import { copyNames, firstFree } from '../files/copy-name.ts';
import { untitledNames } from './untitled.ts';

const first = (names: Iterable<string>, ...taken: string[]) => firstFree(names, new Set(taken));

describe('names that the contents API gives', () => {
  it('are the reference’s for new files', () => {
    expect(first(untitledNames('notebook', ''))).toBe('Untitled.ipynb');
    expect(first(untitledNames('notebook', '.py'), 'Untitled.ipynb')).toBe('Untitled1.ipynb');
    expect(first(untitledNames('file', '.py'), 'untitled.py')).toBe('untitled1.py');
    expect(first(untitledNames('file', ''))).toBe('untitled');
    expect(first(untitledNames('directory', ''), 'Untitled Folder', 'Untitled Folder 1')).toBe(
      'Untitled Folder 2',
    );
  });

  it('count copies on instead of nesting them', () => {
    expect(first(copyNames('x.ipynb'))).toBe('x.ipynb');
    expect(first(copyNames('x.ipynb'), 'x.ipynb')).toBe('x-Copy1.ipynb');
    expect(first(copyNames('x-Copy1.ipynb'), 'x.ipynb', 'x-Copy1.ipynb')).toBe('x-Copy2.ipynb');
    expect(first(copyNames('Makefile'), 'Makefile')).toBe('Makefile-Copy1');
  });
});
