/**
 * A short fingerprint of a cell's source, to mark the cell as edited since it ran. 53 bits, base 36; not cryptographic.
 * Two multiplicative 32-bit lanes over UTF-16 units, each mixed at the end (the finaliser of MurmurHash3, A. Appleby).
 */
export function sourceHash(source: string): string {
  let a = 0x2545f491;
  let b = 0x9e3779b9;
  for (let i = 0; i < source.length; i += 1) {
    const unit = source.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    b = Math.imul(b ^ unit, 0xc2b2ae35);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  const high = finish(a ^ source.length) & 0x1fffff;
  return (high * 2 ** 32 + (finish(b ^ a) >>> 0)).toString(36);
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
