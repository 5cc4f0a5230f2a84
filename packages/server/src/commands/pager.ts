/**
 * Long answers on a terminal go through the reader's pager, as Git's do: `$PAGER`, otherwise `less`, which shows what
 * fits on the screen at once. Where there is none they are printed.
 */
import { spawn } from 'node:child_process';
import type { CommandIo } from './command.ts';

/** As Git sets it: end when it fits, keep colours, leave it on the screen. */
const lessOptions = 'FRX';

/** Prints `text`; on a terminal page by page. Resolves when the reader has left the pager. */
export async function page(text: string, io: CommandIo): Promise<void> {
  const pager = io.env['PAGER'] ?? 'less';
  if (io.isTerminal && pager !== '' && pager !== 'cat' && (await paged(text, pager, io))) return;
  io.out(text);
}

/** The shell's code for a program that is not there. */
const notFound = 127;

/** False: there is no such pager. */
function paged(text: string, pager: string, io: CommandIo): Promise<boolean> {
  // Ctrl-C is for the pager: this process ends after it.
  const stay = () => undefined;
  process.on('SIGINT', stay);
  return new Promise<boolean>((resolved) => {
    const child = spawn('sh', ['-c', pager], {
      cwd: io.cwd,
      env: { LESS: lessOptions, LV: '-c', ...io.env },
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    child.once('error', () => resolved(false));
    child.once('exit', (code) => resolved(code !== notFound));
    // A reader who has seen enough closes the pipe.
    child.stdin.on('error', stay);
    child.stdin.end(text);
  }).finally(() => process.off('SIGINT', stay));
}
