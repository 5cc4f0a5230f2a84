/**
 * Runs Git inside the project: never through a shell, never with a pager, a question, the network or a program that a
 * repository's settings name; with limits on time and on what is read. Read-only commands only.
 */
import { spawn } from 'node:child_process';

export type GitAnswer =
  | { readonly end: 'done'; readonly code: number; readonly bytes: Buffer; readonly error: string }
  /** There is no program `git`. */
  | { readonly end: 'missing' }
  | { readonly end: 'late' | 'too-large'; readonly bytes: Buffer };

export interface GitOptions {
  readonly cwd: string;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Name or path of the program. */
  readonly program?: string;
}

/** What a repository could make Git run, switched off; a project's files may belong to another user than the runner. */
const settings = [
  'safe.directory=*',
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'log.showSignature=false',
  'diff.external=',
  'color.ui=never',
].flatMap((setting) => ['-c', setting]);

export function runGit(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
  const { cwd, maxBytes, timeoutMs, program = 'git' } = options;
  return new Promise((resolve) => {
    const child = spawn(program, ['--no-pager', '--no-optional-locks', ...settings, ...args], {
      cwd,
      env: gitEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const parts: Buffer[] = [];
    let size = 0;
    let error = '';
    let isTooLarge = false;
    child.stdout.on('data', (part: Buffer) => {
      if (isTooLarge) return;
      size += part.length;
      parts.push(part);
      if (size <= maxBytes) return;
      isTooLarge = true;
      child.kill('SIGKILL');
    });
    child.stderr.on('data', (part: Buffer) => {
      if (error.length < 2_000) error += part.toString();
    });
    child.once('error', () => resolve({ end: 'missing' }));
    child.once('close', (code, signal) => {
      const bytes = Buffer.concat(parts);
      if (isTooLarge) resolve({ end: 'too-large', bytes: bytes.subarray(0, maxBytes) });
      else if (signal !== null) resolve({ end: 'late', bytes });
      else resolve({ end: 'done', code: code ?? 1, bytes, error });
    });
  });
}

/** Variables that would lead Git to another repository, or let it ask or fetch, are not handed on. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_PAGER: 'cat',
  };
}
