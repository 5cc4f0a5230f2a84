/** Secrets are random, shown once, and kept only as hashes. They have 256 bits, so a plain SHA-256 is enough. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export function newSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** As strong, in lower case: some programs write addresses small. */
export function newSmallSecret(bytes = 32): string {
  return randomBytes(bytes).toString('hex');
}

/** Short readable id, lower case letters and digits, 60 bits. */
export function newId(): string {
  return [...randomBytes(12)].map((byte) => 'abcdefghijkmnpqrstuvwxyz23456789'.charAt(byte % 32)).join('');
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

/** In constant time; both are hashes of one length. */
export function isSameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
