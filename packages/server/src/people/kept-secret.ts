/** Secrets of a data folder: made once and kept in a file that only this user may read, the same at the next start. */
import { readFile, writeFile } from 'node:fs/promises';
import { newSecret } from './secrets.ts';

/** 256 bits, base64url. Throws what the disk throws. */
export async function keptSecret(file: string): Promise<string> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (/^[A-Za-z0-9_-]{43}$/.test(kept)) return kept;
  const secret = newSecret();
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
