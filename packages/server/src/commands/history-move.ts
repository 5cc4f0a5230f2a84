/** `cahier history move`: takes old history and old large outputs from a data folder to the object store. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDataFolder } from '../adapters/local/data-folder.ts';
import { systemClock } from '../adapters/local/system-clock.ts';
import { oldHistory } from '../adapters/s3/old-history.ts';
import { SqliteHistoryLog } from '../adapters/sqlite/history-log.ts';
import { HistoryMover } from '../history/mover.ts';
import { HistoryPacker } from '../history/packer.ts';
import { type CommandIo, type Exit, exits, UsageError } from './command.ts';

export const historyMoveUsage = `cahier history move --to s3 --data DIR [--older-than DAYS]
  Takes packed history and large outputs older than DAYS (default: CAHIER_S3_AFTER_DAYS, else 30; 0 takes all) from the
  data folder DIR to the store that the environment names: CAHIER_S3_ENDPOINT, CAHIER_S3_BUCKET, CAHIER_S3_PREFIX,
  CAHIER_S3_REGION, CAHIER_S3_ACCESS_KEY_ID, CAHIER_S3_SECRET_ACCESS_KEY. A server that is started with these does the
  same once a day; stop it before. Exit code: 0 all of it is there, 1 some of it stays on the disk, 2 trouble.`;

const dayMs = 24 * 60 * 60_000;

export async function historyMove(argv: readonly string[], io: CommandIo): Promise<Exit> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { data: { type: 'string' }, to: { type: 'string' }, 'older-than': { type: 'string' } },
  });
  const days = values['older-than'];
  const isKnown =
    values.to === 's3' && positionals.length === 0 && (days === undefined || /^\d+$/.test(days));
  if (values.data === undefined || !isKnown) throw new UsageError(historyMoveUsage);
  const folder = await openDataFolder(resolve(io.cwd, values.data), 'cahier history move');
  try {
    const old = oldHistory(io.env, { folder: folder.blobs });
    if (!old) throw new UsageError(`CAHIER_S3_BUCKET names no bucket.\n${historyMoveUsage}`);
    const store = await SqliteHistoryLog.open(folder.historyDatabase, { far: old.far });
    try {
      const afterMs = days === undefined ? old.afterMs : Number(days) * dayMs;
      await new HistoryPacker({ store, clock: systemClock, hotMs: Math.max(afterMs, 1) }).packAll();
      const moved = await new HistoryMover({ ...old, store, clock: systemClock, afterMs }).move();
      const megabytes = (moved.bytes / 1_000_000).toFixed(1);
      io.out(`${moved.segments} segments and ${moved.blobs} outputs were moved: ${megabytes} MB.\n`);
      if (!moved.trouble) return exits.ok;
      io.err(`The rest stays on the disk. ${moved.trouble.message}\n`);
      return exits.differ;
    } finally {
      await store.close();
    }
  } finally {
    await folder.release();
  }
}
