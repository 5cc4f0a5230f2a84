/**
 * The owner's token: from the environment, or made once and kept in a file only this user may read, so that the link is
 * the same at the next start.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { newSecret } from './secrets.ts';

export async function ownerToken(file: string, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (/^[A-Za-z0-9_-]{43}$/.test(kept)) return kept;
  const token = newSecret();
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}
