/** `cahier history verify`: proves the histories in a data folder whole, and names what is not. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { DiskBlobStore } from '../adapters/disk/disk-blob-store.ts';
import { oldHistory } from '../adapters/s3/old-history.ts';
import { databaseFaults, proveHistory } from '../adapters/sqlite/database-proof.ts';
import { SqliteHistoryLog } from '../adapters/sqlite/history-log.ts';
import { StepStore } from '../history/step-store.ts';
import { verifyHistories } from '../history/verify.ts';
import { type CommandIo, type Exit, exits, UsageError } from './command.ts';

export const historyVerifyUsage = `cahier history verify --data DIR
  Reads every history in the data folder DIR and says whether all of it is there and undamaged, in the
  object store too when the environment names one (see history move). Changes no history.
  Exit code: 0 everything is whole, 1 something is damaged, 2 trouble.`;

/** Works on the folder of a running server, too. */
export async function historyVerify(argv: readonly string[], io: CommandIo): Promise<Exit> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { data: { type: 'string' } },
  });
  if (values.data === undefined || positionals.length > 0) throw new UsageError(historyVerifyUsage);
  const data = resolve(io.cwd, values.data);
  const file = join(data, 'history.sqlite');
  // Opening would make it.
  await access(file);
  const old = oldHistory(io.env, { folder: join(data, 'blobs') });
  const store = await SqliteHistoryLog.open(file, old ? { far: old.far } : {});
  const total = { documents: 0, entries: 0, faults: 0 };
  const { faults: fileFaults, knownSeqs } = proveHistory(file);
  const say = (fault: string) => {
    total.faults += 1;
    io.out(`DAMAGED ${fault}\n`);
  };
  for (const fault of fileFaults) say(`history.sqlite: ${fault}`);
  for (const fault of databaseFaults(join(data, 'main.sqlite'))) say(`main.sqlite: ${fault}`);
  try {
    const blobs = old?.blobs ?? new DiskBlobStore({ folder: join(data, 'blobs') });
    const steps = new StepStore({ log: store, steps: store });
    for await (const found of verifyHistories({ store, steps, stepLog: store, knownSeqs, blobs, kinds })) {
      const { path, entries, hot, segments, faults } = found;
      total.documents += 1;
      total.entries += entries;
      total.faults += faults.length;
      const mark = faults.length === 0 ? 'whole  ' : 'DAMAGED';
      io.out(
        `${mark} ${path}: ${entries} entries (${hot} hot, ${segments} segments), ${found.blobs} outputs\n`,
      );
      for (const fault of faults) io.out(`        ${fault}\n`);
      steps.release(found.id);
    }
  } finally {
    await store.close();
  }
  const said = total.faults === 0 ? 'Everything is whole.' : `${total.faults} faults.`;
  io.out(`${total.documents} documents, ${total.entries} entries. ${said}\n`);
  return total.faults === 0 ? exits.ok : exits.differ;
}
