/** Runs a program to its end, with its lines as they come. Never through a shell. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProgramEnd {
  /** Null when the program does not exist or was killed. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last lines of both, for people. */
  readonly tail: string;
  /** It took too long and was killed, with what it had started. */
  readonly isTimedOut?: boolean;
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
  for (const child of running) killGroup(child);
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
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
    });
    running.add(child);
    let isTimedOut = false;
    const late = options.timeoutMs === undefined ? undefined : setTimeout(timeOut, options.timeoutMs);
    function timeOut(): void {
      isTimedOut = true;
      killGroup(child);
    }
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
      clearTimeout(late);
      running.delete(child);
      resolve({ code: null, stdout: '', tail: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(late);
      running.delete(child);
      resolve({ code, stdout: out.join('\n'), tail: tail.join('\n'), isTimedOut });
    });
  });
}
