/** Runs a program to its end, never through a shell, and keeps its last lines. A signal to us reaches it, too. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface LinesEnd {
  /** Null when the program does not exist or was killed. */
  readonly code: number | null;
  /** The last ones of both streams. */
  readonly lines: readonly string[];
}

const keptLines = 60;

export function runLines(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly timeoutMs?: number;
    readonly onLine?: (line: string) => void;
  },
): Promise<LinesEnd> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
    });
    const lines: string[] = [];
    const stop = () => {
      child.kill('SIGTERM');
      process.exit(143);
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    const end = (code: number | null) => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve({ code, lines });
    };
    const take = (line: string) => {
      if (line.trim() === '') return;
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      options.onLine?.(line);
    };
    createInterface({ input: child.stdout }).on('line', take);
    createInterface({ input: child.stderr }).on('line', take);
    child.once('error', (error) => {
      lines.push(error.message);
      end(null);
    });
    child.once('close', end);
  });
}
