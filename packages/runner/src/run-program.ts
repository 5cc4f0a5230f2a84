/** Runs a program to its end, with its lines as they come. Never through a shell. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProgramEnd {
  /** Null when the program does not exist or was killed. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last lines of both, for people. */
  readonly tail: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly onLine?: (line: string) => void;
  /** Kills the program when it takes longer. */
  readonly timeoutMs?: number;
}

const keptLines = 8;
const running = new Set<ChildProcess>();

/** Ends every program that still runs, with what it started. */
export function killPrograms(): void {
  for (const { pid } of running) {
    if (pid === undefined) continue;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
}

export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: options.env ?? process.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
    });
    running.add(child);
    const out: string[] = [];
    const tail: string[] = [];
    const take = (line: string) => {
      if (line.trim() === '') return;
      tail.push(line);
      if (tail.length > keptLines) tail.shift();
      options.onLine?.(line);
    };
    createInterface({ input: child.stdout }).on('line', (line) => {
      out.push(line);
      take(line);
    });
    createInterface({ input: child.stderr }).on('line', take);
    child.once('error', (error) => {
      running.delete(child);
      resolve({ code: null, stdout: '', tail: error.message });
    });
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, stdout: out.join('\n'), tail: tail.join('\n') });
    });
  });
}
