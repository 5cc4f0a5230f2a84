/**
 * The files of a project as a runner serves them, in memory: read and write with hashes, signals to whoever watches,
 * and faults on request. `externally` is another program: git, vim, a script.
 */
import { createHash } from 'node:crypto';
import type { AppError } from '@cahier/base/app-error.ts';
import { appError } from '@cahier/core/errors.ts';
import type { RunnerCall } from '@cahier/protocol/runner/down.ts';
import type { FileEntry } from '@cahier/protocol/project-facts.ts';
import type { CallResults } from '@cahier/protocol/runner/up.ts';
import type { Runner } from '@cahier/server/runners/runner.ts';

export interface FileChange {
  readonly path: string;
  readonly hash: string | null;
}

export class SimFiles {
  readonly #files = new Map<string, Uint8Array>();
  readonly #failures: AppError[] = [];
  /** Called for each change, one's own too, as the real watcher does. */
  onChanged: (change: FileChange) => void = () => undefined;
  /** Just before the next write or read is looked at; then forgotten. */
  beforeWrite: (() => void) | null = null;
  afterRead: (() => void) | null = null;
  isReachable = true;
  writes = 0;
  reads = 0;

  readonly runner: Pick<Runner, 'call'> = {
    call: (call, payload) => {
      return this.#answer(call, payload ?? new Uint8Array(0));
    },
  };

  text(path: string): string | null {
    const bytes = this.#files.get(path);
    return bytes ? new TextDecoder().decode(bytes) : null;
  }

  /** Another program writes. */
  externally(path: string, content: string | Uint8Array): void {
    this.#put(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }

  externallyRemoved(path: string): void {
    this.#files.delete(path);
    this.onChanged({ path, hash: null });
  }

  /** The next `count` calls are refused. */
  failNext(error: AppError, count = 1): void {
    for (let i = 0; i < count; i += 1) this.#failures.push(error);
  }

  async #answer<C extends RunnerCall>(
    call: C,
    payload: Uint8Array,
  ): Promise<{ readonly result: CallResults[C['method']]; readonly payload: Uint8Array }>;
  async #answer(
    call: RunnerCall,
    payload: Uint8Array,
  ): Promise<{ readonly result: unknown; readonly payload: Uint8Array }> {
    await Promise.resolve();
    if (!this.isReachable) throw appError('runner/unreachable');
    const failure = this.#failures.shift();
    if (failure) throw failure;
    if (call.method === 'file.read') {
      this.reads += 1;
      const bytes = this.#files.get(call.path);
      if (!bytes) throw appError('file/not-found', { details: { path: call.path } });
      const copy = bytes.slice();
      const hook = this.afterRead;
      this.afterRead = null;
      hook?.();
      return { result: { hash: hashOf(copy), modifiedAt: 0 }, payload: copy };
    }
    if (call.method === 'file.write') {
      const hook = this.beforeWrite;
      this.beforeWrite = null;
      hook?.();
      const now = this.#files.get(call.path);
      const hash = now ? hashOf(now) : null;
      if (call.ifHash === null && hash !== null)
        throw appError('file/exists', { details: { path: call.path } });
      if (typeof call.ifHash === 'string' && call.ifHash !== hash) {
        throw appError('file/changed', { details: { path: call.path } });
      }
      this.writes += 1;
      this.#put(call.path, payload.slice());
      return { result: { hash: hashOf(payload), modifiedAt: 0 }, payload: new Uint8Array(0) };
    }
    if (call.method === 'file.stat') {
      return { result: { entry: this.#entry(call.path) }, payload: new Uint8Array(0) };
    }
    if (call.method === 'file.list') {
      const inside = [...this.#files.keys()].filter((path) => path.startsWith(`${call.path}/`));
      const names = new Set(inside.map((path) => path.slice(call.path.length + 1).split('/')[0] ?? ''));
      const entries = [...names].map((name) => this.#entry(`${call.path}/${name}`));
      return { result: { entries }, payload: new Uint8Array(0) };
    }
    throw new Error(`no ${call.method} here`);
  }

  #entry(path: string): FileEntry | null {
    const bytes = this.#files.get(path);
    const isFolder = [...this.#files.keys()].some((each) => each.startsWith(`${path}/`));
    if (!bytes && !isFolder) return null;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const type = isFolder ? 'directory' : 'file';
    return { name, path, type, size: bytes?.length ?? 0, modifiedAt: 0, isWritable: true };
  }

  #put(path: string, bytes: Uint8Array): void {
    this.#files.set(path, bytes);
    this.onChanged({ path, hash: hashOf(bytes) });
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
