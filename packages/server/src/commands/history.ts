/** `cahier history …`: commands about histories. */
import { type CommandIo, type Exit, UsageError } from './command.ts';
import { historyMove, historyMoveUsage } from './history-move.ts';
import { historyReplay, historyReplayUsage } from './history-replay.ts';
import { historyVerify, historyVerifyUsage } from './history-verify.ts';

export const historyUsage = `${historyVerifyUsage}\n\n${historyMoveUsage}\n\n${historyReplayUsage}`;

export async function historyCommand([name, ...rest]: readonly string[], io: CommandIo): Promise<Exit> {
  if (name === 'verify') return historyVerify(rest, io);
  if (name === 'move') return historyMove(rest, io);
  if (name === 'replay') return historyReplay(rest, io);
  throw new UsageError(historyUsage);
}
