import { describe, expect, it } from 'vitest';
import { ReadMarks } from './read-marks.ts';

const megabytes = (count: number) => new Uint8Array(count * 1024 * 1024);

describe('marks of what was read', () => {
  it('are kept per reader and file, the last one counts', () => {
    const marks = new ReadMarks();
    marks.set('a', 'x', Uint8Array.of(1));
    marks.set('b', 'x', Uint8Array.of(2));
    marks.set('a', 'x', Uint8Array.of(3));
    expect([marks.get('a', 'x'), marks.get('b', 'x'), marks.get('a', 'y')]).toEqual([
      Uint8Array.of(3),
      Uint8Array.of(2),
      null,
    ]);
  });

  it('give way to newer ones when there are too many bytes', () => {
    const marks = new ReadMarks();
    for (const path of ['1', '2', '3', '4']) marks.set('a', path, megabytes(20));
    expect(['1', '2', '3', '4'].map((path) => marks.get('a', path) !== null)).toEqual([
      false,
      true,
      true,
      true,
    ]);
    marks.forget('a', '4');
    marks.set('a', '5', megabytes(20));
    expect(marks.get('a', '2')).not.toBe(null);
  });
});
