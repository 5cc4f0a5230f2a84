/** All 300 states of each of two people who type at once come back, each with its author, and from the packed log too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { everyKeystroke, keys } from './every-keystroke.ts';

const folder = await mkdtemp(join(tmpdir(), 'cahier-keys-'));
afterAll(() => rm(folder, { recursive: true }));

it('gives back 300 of 300 states of 60 s of typing, each with its author', { timeout: 60_000 }, async () => {
  const { typed, hot, packed, entriesPacked } = await everyKeystroke(folder);
  expect([...typed.keys()]).toEqual(['Ada', 'Bert']);
  for (const states of typed.values()) expect(states).toHaveLength(keys);
  expect(hot).toEqual(typed);
  expect(entriesPacked).toBeGreaterThan(2 * keys);
  expect(packed).toEqual(typed);
});
