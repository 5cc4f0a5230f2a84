/**
 * One process of a kernel: spawned in its own session, so that signals reach everything it started and nothing else.
 * Owned by one kernel life. Knows nothing of messages.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { LastWords } from './last-words.ts';

export interface ProcessEnd {
  /** A sentence. */
  readonly reason: string;
  readonly lastLines: string;
}

export interface KernelCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How long the last words may take after the end. */
const pipesMs = 80;

export class KernelProcess {
  readonly pid: number | undefined;
  readonly words = new LastWords();
  /** Resolves once, when the process is gone or could not be started; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  #isOver = false;
  readonly #child: ChildProcess;

  constructor(command: KernelCommand) {
    const [program = '', ...args] = command.argv;
    // A kernel must not read the runner's stdin; an ignored one is /dev/null: reads end at once.
    this.#child = spawn(program, args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#child.pid;
    if (this.#child.stdout) this.words.listen(this.#child.stdout);
    if (this.#child.stderr) this.words.listen(this.#child.stderr);
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => {
        if (this.#isOver) return;
        this.#isOver = true;
        const tell = () => resolve({ reason, lastLines: this.words.lines(12) });
        // The pipes may still hold the traceback; what the kernel started may hold them open.
        this.#child.once('close', tell);
        setTimeout(tell, pipesMs);
      };
      this.#child.once('error', (error) => end(`It could not be started: ${error.message}.`));
      this.#child.once('exit', (code, signal) => end(endReason(code, signal)));
    });
    if (this.pid !== undefined) preferForOom(this.pid);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** To the whole group; a group that is gone is no error. */
  signal(name: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, name);
    } catch {
      // it has ended
    }
  }
}

/** When the memory is full, a kernel is what should go: not the runner with all other kernels, not the server. */
function preferForOom(pid: number): void {
  void writeFile(`/proc/${pid}/oom_score_adj`, '300').catch(() => {});
}

export function endReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'It was killed, perhaps because the memory was full.';
  if (signal === 'SIGSEGV' || signal === 'SIGBUS')
    return 'It crashed: compiled code touched memory that is not its own.';
  if (signal === 'SIGINT')
    return 'It was ended by the interrupt: this kernel cannot stop a cell without ending itself.';
  if (signal === 'SIGABRT') return 'It crashed: a compiled library gave up (SIGABRT).';
  if (signal !== null) return `It was ended by the signal ${signal}.`;
  if (code === 0) return 'It ended by itself.';
  return `It ended with exit code ${code ?? '?'}.`;
}
