import { describe, expect, it } from 'vitest';
import { standInWords } from './kernel-words.ts';

const python3 = { status: 'idle', name: 'python3', displayName: 'Python 3' } as const;

describe('a kernel that stands in for another', () => {
  it('is said to', () => {
    expect(standInWords(python3, { name: 'course-2024', display_name: 'Course', language: 'python' })).toBe(
      'This notebook asks for “Course”, which is not installed here. It runs with “Python 3”.',
    );
    expect(standInWords(python3, { name: 'course-2024' })).toContain('“course-2024”');
  });

  it('is not when it is the one that was asked for, in any spelling, or nothing was asked for', () => {
    for (const name of ['python3', 'Python3', 'python'])
      expect(standInWords(python3, { name, display_name: 'Py' })).toBeUndefined();
    for (const odd of [undefined, 'a text', {}, { name: 7 }])
      expect(standInWords(python3, odd)).toBeUndefined();
    expect(standInWords({ status: 'none' }, { name: 'ir' })).toBeUndefined();
  });
});
