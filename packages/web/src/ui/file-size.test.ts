import { describe, expect, it } from 'vitest';
import { fileSize } from './file-size.ts';

describe('fileSize', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [12_345, '12 kB'],
    [999_600, '1.0 MB'],
    [3_400_000, '3.4 MB'],
    [2_000_000_000_000, '2000 GB'],
  ])('%i → %s', (bytes, words) => {
    expect(fileSize(bytes)).toBe(words);
  });
});
