/**
 * Sixty seconds of typing at five keys a second without a pause, by two people at once in one notebook, through an open
 * project whose log is on disk: what they saw after each key, and what the history gives back of it.
 */
import { join } from 'node:path';
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { foldTo } from '@cahier/core/history/fold.ts';
import { SqliteHistoryLog } from '@cahier/server/adapters/sqlite/history-log.ts';
import { HistoryPacker } from '@cahier/server/history/packer.ts';
import { StepStore } from '@cahier/server/history/step-store.ts';
import { settled } from '../fake-clock.ts';
import { MemoryBlobStore } from '../memory-blob-store.ts';
import { MemoryStepLog } from '../memory-step-log.ts';
import { LabProject } from './lab-project.ts';
import { storyFile, storyPath } from './lab-story.ts';
import { textIn } from './typist.ts';

/** Of each person. */
export const keys = 300;
const letterOf = (n: number) => 'the quick brown fox jumps over the lazy dog\n'.charAt(n % 44);

/** The text of their cell after each key, by who typed it. */
export type StatesByAuthor = ReadonlyMap<string, readonly string[]>;

export interface EveryKeystroke {
  readonly typed: StatesByAuthor;
  readonly hot: StatesByAuthor;
  readonly packed: StatesByAuthor;
  readonly entriesPacked: number;
}

/** `folder`: an empty one. */
export async function everyKeystroke(folder: string): Promise<EveryKeystroke> {
  const log = await SqliteHistoryLog.open(join(folder, 'history.sqlite'));
  const lab = new LabProject({ seed: 7, log, blobs: new MemoryBlobStore() });
  lab.runner.files.externally(storyPath, storyFile);
  const [ada, bert] = [lab.person('Ada'), lab.person('Bert')];
  let isOver = false;
  const type = async ({ tab }: typeof ada, cell: CellId) => {
    const document = await tab.open(storyPath);
    const states: string[] = [];
    for (let n = 0; n < keys; n += 1) {
      const text = textIn(document, cell);
      document.doc.transact(() => text.insert(text.length, letterOf(n)), 'typing');
      states.push(text.toJSON());
      await lab.sleep(200);
    }
    return { document: document.id, states };
  };
  const typing = Promise.all([type(ada, asCellId('setup')), type(bert, asCellId('task'))]).finally(() => {
    isOver = true;
  });
  typing.catch(() => undefined);
  while (!isOver) {
    await settled();
    await lab.clock.pass(100);
  }
  const [adas, berts] = await typing;
  await lab.close();

  const statesFrom = async (store: StepStore) => {
    const found = new Map<string, string[]>();
    for (let seq = 1; seq <= (await log.lastSeq(adas.document)); seq += 1) {
      const { base, steps, authors } = await store.chunk(adas.document, seq);
      const step = steps.find((each) => each.seq === seq);
      const [change] = step?.changes ?? [];
      if (!step || step.origin !== 'typing' || change?.c !== 'text') continue;
      const name = authors[step.author]?.name ?? '';
      const { source = '' } = foldTo(base, steps, seq).cells[change.cell] ?? {};
      found.set(name, [...(found.get(name) ?? []), source]);
    }
    return found;
  };
  const typed = new Map([
    ['Ada', adas.states],
    ['Bert', berts.states],
  ]);
  const read = () => statesFrom(new StepStore({ log, steps: new MemoryStepLog() }));
  const hot = await read();
  const clock = { now: () => Number.MAX_SAFE_INTEGER, after: () => ({ dispose: () => undefined }) };
  const entriesPacked = await new HistoryPacker({ store: log, clock }).pack(adas.document);
  const packed = await read();
  await log.close();
  return { typed, hot, packed, entriesPacked };
}
