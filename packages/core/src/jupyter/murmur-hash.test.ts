import { describe, expect, it } from 'vitest';
import { murmurHash } from './murmur-hash.ts';

describe('murmurHash', () => {
  it('is MurmurHash2 of the UTF-8 bytes as an unsigned number', () => {
    // by the published algorithm, written down in Python beside this test
    const known: readonly (readonly [string, number])[] = [
      ['', 0],
      ['a', 2456313694],
      ['ab', 446775395],
      ['abc', 324500635],
      ['abcd', 646393889],
      ['print(1)', 3626970123],
      ['x = "📊"\n', 3505211537],
    ];
    for (const [text, hash] of known) expect(murmurHash(text, 0)).toBe(hash);
  });
});
