/** Test program: packs a history and says a line for each segment, or why it was refused. The crash tests kill it. */
import { writeSync } from 'node:fs';
import { HistoryPacker } from '../../history/packer.ts';
import { asDocumentId } from '@cahier/base/ids.ts';
import { SqliteHistoryLog } from './history-log.ts';

const [, , file = ''] = process.argv;
const say = (line: string) => void writeSync(1, `${line}\n`);
const document = asDocumentId('d1');
try {
  const log = await SqliteHistoryLog.open(file);
  const pack = log.pack.bind(log);
  log.pack = async (entries) => {
    say('begins');
    await pack(entries);
    say('packed');
  };
  const clock = { now: () => Date.now(), after: () => ({ dispose: () => undefined }) };
  await new HistoryPacker({ store: log, clock, segmentEntries: 100 }).pack(document);
  say('done');
  await log.close();
} catch (error) {
  say(error instanceof Error ? error.message : 'refused');
  process.exit(1);
}
