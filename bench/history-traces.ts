/**
 * What of a history is right, as figures: every state of a minute of typing, and histories of simulated rooms with
 * crashes, undo, restores, disk changes, JupyterLab, packing and purges. More of these: `npm run sim -- traces --seeds N`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyKeystroke } from '@cahier/testkit/recorded/every-keystroke.ts';
import { simulateHistory } from '../packages/server/src/rooms/simulate-history.sim.ts';
import type { Figure } from './figure.ts';

export async function historyTraces(): Promise<Figure[]> {
  return [await typing(), ...(await traces(Number(process.env['CAHIER_BENCH_TRACES'] ?? 300)))];
}

async function typing(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'cahier-bench-keys-'));
  try {
    const { typed, hot, packed } = await everyKeystroke(folder);
    let wanted = 0;
    let missing = 0;
    for (const [author, states] of typed)
      for (const found of [hot, packed]) {
        wanted += states.length;
        missing += states.filter((state, i) => found.get(author)?.[i] !== state).length;
      }
    return {
      name: '60 s of typing at 5 keys/s by two at once: states without their place or author, hot and packed',
      ours: `${wanted - missing} of ${wanted} right`,
      baseline: '',
      value: missing,
      limit: 0,
      unit: 'states',
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function traces(count: number): Promise<Figure[]> {
  // @jupyter/ydoc reads its own cells before they are in a document, which Yjs says aloud.
  console.warn = () => undefined;
  let [failed, entries, characters, strangers, afterPurge, besideLab] = [0, 0, 0, 0, 0, 0];
  for (let seed = 1; seed <= count; seed += 1) {
    try {
      const report = await simulateHistory(seed);
      entries += report.entries;
      characters += report.characters;
      strangers += report.strangers;
      afterPurge += report.strangersAfterPurge;
      besideLab += report.strangersBesideLab;
    } catch (error) {
      failed += 1;
      console.log(`  trace ${seed}: ${String(error)}`);
    }
  }
  return [
    {
      name: `fold(steps up to n) is not the document at n, or a character has no author: of ${count} traces`,
      ours: `${entries.toLocaleString('en')} moments`,
      baseline: '',
      value: failed,
      limit: 0,
      unit: 'traces',
    },
    {
      name: 'characters of these traces told as another person’s (beside: after a purge, where somebody works in JupyterLab)',
      ours: `${strangers} of ${characters.toLocaleString('en')} (${afterPurge}, ${besideLab})`,
      baseline: '',
      value: (100 * strangers) / Math.max(1, characters),
      limit: 0,
      unit: '%',
    },
  ];
}
