/** `#at=120` in the address of a document names a moment of its history. Pure. */
export function seqOfHash(hash: string): number | null {
  const found = /^#at=(\d{1,15})$/.exec(hash);
  return found ? Number(found[1]) : null;
}

export function hashOfSeq(seq: number): string {
  return `#at=${seq}`;
}
