/**
 * MurmurHash2 (32 bit) of a text's UTF-8 bytes: the fingerprint by which programs of Jupyter name a cell's source (its
 * debugger, and jupyter-server-documents). Source: A. Appleby, MurmurHash2 (public domain).
 */
const factor = 0x5bd1e995;

/** An unsigned 32-bit number. */
export function murmurHash(text: string, seed: number): number {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hash = seed ^ bytes.length;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    let part = Math.imul(view.getUint32(at, true), factor);
    part = Math.imul(part ^ (part >>> 24), factor);
    hash = Math.imul(hash, factor) ^ part;
  }
  const rest = bytes.length - at;
  if (rest > 0) {
    for (let i = rest - 1; i >= 0; i -= 1) hash ^= view.getUint8(at + i) << (8 * i);
    hash = Math.imul(hash, factor);
  }
  hash = Math.imul(hash ^ (hash >>> 13), factor);
  return (hash ^ (hash >>> 15)) >>> 0;
}
