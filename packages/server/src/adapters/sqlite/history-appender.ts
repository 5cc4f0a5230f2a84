/**
 * Test program: appends to a history log without end and prints each acknowledged number, or why it was refused.
 * The crash tests kill it. Usage: node history-appender.ts <file> [refusals after which it ends]
 */
import { writeSync } from 'node:fs';
import { asDocumentId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import { SqliteHistoryLog } from './history-log.ts';

const [, , file = '', refusals = 'Infinity'] = process.argv;
const document = asDocumentId('d1');

function entry(seq: number): Entry {
  const author = { person: null, name: `author ${seq % 7}`, session: null };
  const update = new Uint8Array(20 + (seq % 400)).fill(seq);
  return { document, seq, at: seq, author, origin: 'typing', kind: 'update', update };
}

const log = await SqliteHistoryLog.open(file);
let left = Number(refusals);
let next = (await log.lastSeq(document)) + 1;
const say = (line: string) => void writeSync(1, `${line}\n`);

while (left > 0) {
  // Three commits under way at once, of different sizes.
  const commits = [1, 7, 2].map((size) => {
    const entries = Array.from({ length: size }, () => entry(next++));
    return log.commit({ entries }).then(
      () => say(`${entries.at(-1)?.seq}`),
      (error: unknown) => {
        left -= 1;
        say(error instanceof Error ? error.message : 'refused');
      },
    );
  });
  await Promise.all(commits);
  next = (await log.lastSeq(document)) + 1;
}
await log.close();
