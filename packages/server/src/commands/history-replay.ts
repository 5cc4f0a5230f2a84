/** `cahier history replay`: makes the document out of an exported history (docs/history-export.md), as it was at a moment. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { HistoryReplay } from '@cahier/core/history/export-lines.ts';
import { type CommandIo, type Exit, exits, UsageError } from './command.ts';

export const historyReplayUsage = `cahier history replay FILE.jsonl [--at MOMENT] [--path PATH] -o OUT
  Makes the document out of an exported history, as it was at MOMENT: the number of a step, or a time such as
  2026-11-22T14:30:00Z. Without --at: the end. Needs no server. --path: of an export of several documents
  this one. Exit code: 0 done, 1 done and some steps were damaged when the export was made, 2 trouble.`;

export async function historyReplay(argv: readonly string[], io: CommandIo): Promise<Exit> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { at: { type: 'string' }, path: { type: 'string' }, output: { type: 'string', short: 'o' } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1 || values.output === undefined) {
    throw new UsageError(historyReplayUsage);
  }
  const replay = new HistoryReplay(momentOf(values.at), values.path ?? null);
  const input = createReadStream(resolve(io.cwd, file));
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    replay.take(line);
    if (replay.isOver) break;
  }
  input.destroy();
  if (!replay.hasBegun) throw new UsageError(`“${file}” has no history of “${values.path ?? ''}”.`);
  const bytes =
    replay.kind === 'notebook' ? kinds.notebook.toFile(replay.notebook()) : kinds.text.toFile(replay.text());
  await writeFile(resolve(io.cwd, values.output), bytes);
  const { length } = replay.damaged;
  if (length === 0) return exits.ok;
  const what = length === 1 ? '1 step was damaged' : `${length} steps were damaged`;
  io.err(`${what} when the export was made (the first: ${replay.damaged[0]}): what they did is missing.\n`);
  return exits.differ;
}

function momentOf(at: string | undefined): { readonly seq?: number; readonly at?: number } {
  if (at === undefined) return {};
  if (/^\d+$/.test(at)) return { seq: Number(at) };
  const time = Date.parse(at);
  if (Number.isNaN(time))
    throw new UsageError(`“${at}” is neither a number of a step nor a time.\n${historyReplayUsage}`);
  return { at: time };
}
