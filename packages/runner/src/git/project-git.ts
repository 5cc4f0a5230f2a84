/**
 * What Git knows of a file of the project: its commits, also under its earlier names, and the file as a commit has it.
 * Works in a repository of the project or around it; says so when there is none. Never changes anything.
 */
import { realpath } from 'node:fs/promises';
import { appError } from '@cahier/core/errors.ts';
import { normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import type { CallResults } from '@cahier/protocol/runner/up.ts';
import { type GitAnswer, runGit } from './run-git.ts';

export type GitLog = CallResults['git.log'];
type Commit = GitLog['commits'][number];

/** The end of the list is left out rather than waited for. */
const logWithinMs = 12_000;
const showWithinMs = 20_000;
const longestLog = 2 * 1024 * 1024;
const longestMessage = 500;
/** Separates fields; no part of a commit's first line. */
const fields = ['%x01%H', '%an', '%at', '%s'].join('%x02');

export class ProjectGit {
  readonly #home: string;
  readonly #program: string;

  constructor(home: string, program = 'git') {
    this.#home = home;
    this.#program = program;
  }

  /** The newest commits that changed the file, newest first. Throws `file/outside`. */
  async log(rawPath: string, most: number): Promise<GitLog> {
    const path = normaliseProjectPath(rawPath);
    const found = await this.#run(['rev-parse', '--show-prefix'], 64 * 1024, showWithinMs);
    if (found.end === 'missing') return nothing('no-program');
    if (found.end !== 'done' || found.code !== 0) return nothing('no-repository');
    const prefix = found.bytes.toString().replace(/\n$/, '');
    const answer = await this.#run(
      [
        'log',
        '-z',
        '--follow',
        '--no-ext-diff',
        '--no-textconv',
        '--name-only',
        `--max-count=${most + 1}`,
        `--format=${fields}`,
        '--',
        `./${path}`,
      ],
      longestLog,
      logWithinMs,
    );
    if (answer.end === 'missing') return nothing('no-program');
    // A repository without a commit answers 128.
    if (answer.end === 'done' && answer.code !== 0) return nothing('untracked');
    const commits = parseLog(answer.bytes.toString(), prefix, path, answer.end === 'done');
    if (commits.length === 0) return nothing('untracked');
    const isCut = answer.end !== 'done' || commits.length > most;
    return { git: 'here', commits: commits.slice(0, most), isCut };
  }

  /** The file as it was in a commit. `revision`: its hash. Throws `git/no-version`, `file/too-large`, `file/outside`. */
  async show(rawPath: string, revision: string, maxBytes: number): Promise<Buffer> {
    const path = normaliseProjectPath(rawPath);
    const name = `${revision}:./${path}`;
    const answer = await this.#run(['cat-file', 'blob', name], maxBytes, showWithinMs);
    if (answer.end === 'too-large') {
      throw appError('file/too-large', { details: { path, size: `more than ${maxBytes}`, limit: maxBytes } });
    }
    if (answer.end === 'done' && answer.code === 0) return answer.bytes;
    throw appError('git/no-version', { details: { path, revision: revision.slice(0, 10) } });
  }

  async #run(args: readonly string[], maxBytes: number, timeoutMs: number): Promise<GitAnswer> {
    const cwd = await realpath(this.#home);
    return runGit(args, { cwd, maxBytes, timeoutMs, program: this.#program });
  }
}

function nothing(git: GitLog['git']): GitLog {
  return { git, commits: [], isCut: false };
}

/**
 * `prefix`: the project's folder in the repository. A commit whose file lay elsewhere ends the list: its bytes could
 * not be asked for. An entry without a name (a merge) has the name of the one after it.
 */
function parseLog(text: string, prefix: string, path: string, isWhole: boolean): readonly Commit[] {
  const entries = text.split('\u0001').slice(1);
  // What was cut off in the middle says something wrong.
  if (!isWhole) entries.pop();
  const commits: Commit[] = [];
  let known = path;
  for (const entry of entries) {
    const [head = '', named = ''] = entry.split('\0');
    const [hash = '', author = '', at = '', subject = ''] = head.split('\u0002');
    const name = named.replace(/^\n/, '');
    if (name !== '') {
      if (!name.startsWith(prefix)) break;
      known = name.slice(prefix.length);
    }
    const message = subject.length > longestMessage ? `${subject.slice(0, longestMessage)}…` : subject;
    commits.push({ hash, author, at: Number(at) * 1_000, message, path: known });
  }
  return commits;
}
