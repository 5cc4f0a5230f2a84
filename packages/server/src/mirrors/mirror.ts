/**
 * A mirror keeps one room and its file equal, both ways, for as long as the room is open. It writes the file at most 2 s
 * after the last edit, and only what is durable in the history (else an edit lost in a crash would come back from the
 * file and once more from its author). Changes that others made to the file are merged three-way, with what was last
 * seen equal as base, and enter the room like any edit. It knows its own writes by their hash.
 * It never overwrites bytes that it has not seen, never writes an unchanged document, never replaces a file that it
 * cannot read, and never builds a document anew from a file.
 */
import { AppError } from '@cahier/base/app-error.ts';
import { backoffMs } from '@cahier/base/backoff.ts';
import type { Clock } from '@cahier/base/clock.ts';
import { type Disposable, DisposableStore } from '@cahier/base/disposable.ts';
import { appError } from '@cahier/core/errors.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { FileState } from '@cahier/protocol/client/down.ts';
import type { ForeignFile, RoomMirror } from '../rooms/room-mirror.ts';
import type { Runner } from '../runners/runner.ts';
import { FileBase, type FileBaseParts } from './file-base.ts';
import type { MirroredDocument } from './mirrored-document.ts';

export interface MirrorParts<Plain> extends Omit<FileBaseParts<Plain>, 'kind'> {
  readonly document: MirroredDocument<Plain>;
  readonly runner: Pick<Runner, 'call'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

const quietMs = 400;
/** While typing goes on without a pause. With the write itself the file is at most 2 s behind. */
const longestMs = 1_500;
/**
 * While output pours in, putting the file together takes at most one part in so many of the time, so that fewer than one
 * key in a hundred of anybody meets it; but never is the file further behind than this, ms.
 */
const costShare = 200;
const longestPouringMs = 10_000;
const settleMs = 150;
const goneMs = 400;
const flushLimitMs = 10_000;
const mostConflicts = 5;
const disk: EntryAuthor = { person: null, name: 'Changed on disk', session: null };

export class Mirror<Plain> implements RoomMirror<Plain> {
  readonly #parts: MirrorParts<Plain>;
  readonly #ends = new DisposableStore();
  readonly #base: FileBase<Plain>;
  /** Hash of the bytes on disk as far as we know, `'none'` when there is no file, null when we have not looked. */
  #onDisk: string | null = null;
  /** Hash of the bytes that are being written. */
  #writing: string | null = null;
  #isDirty = false;
  #isDue = false;
  #mustLook = false;
  /** The file cannot be read as this kind: it is not overwritten. */
  #isUnreadable = false;
  /** When what is new since the last write must be written; null when nothing is. */
  #deadline: number | null = null;
  /** How long it took to put the last file together, ms. */
  #costMs = 0;
  #failures = 0;
  /** Writes in a row that found the file changed by somebody else. */
  #conflicts = 0;
  #writeTimer: Disposable | null = null;
  #lookTimer: Disposable | null = null;
  #running: Promise<void> | null = null;
  #isDisposed = false;

  constructor(parts: MirrorParts<Plain>) {
    this.#parts = parts;
    this.#base = new FileBase({ ...parts, kind: parts.document.kind });
    this.#ends.add(
      parts.room.changed.on(({ origin }) => {
        if (origin !== 'disk' && origin !== 'import') this.#changed(longestMs);
      }),
    );
    this.#ends.add(() => this.#writeTimer?.dispose());
    this.#ends.add(() => this.#lookTimer?.dispose());
  }

  /** The document was just made from these bytes. */
  imported(hash: string, plain: Plain, file: ForeignFile): void {
    this.#onDisk = hash;
    this.#setBase(hash, this.#parts.room.lastSeq, plain, file);
    void this.#base.rest();
    this.#isDirty = false;
    this.#writeTimer?.dispose();
    this.#writeTimer = null;
    this.#deadline = null;
  }

  /** The document was opened from its history: compares it with the file. */
  start(): void {
    this.#isDirty = true;
    this.#isDue = true;
    this.#look(0);
  }

  /** Outputs or execution counts changed. They alone do not bring back a file that was deleted. */
  resultsChanged(): void {
    // While output pours in, writing a large file again and again would take the time of everybody else.
    if (this.#onDisk !== 'none') {
      const share = Math.min(longestPouringMs, this.#costMs * costShare);
      this.#changed(Math.max(longestMs, share));
    }
  }

  /** The runner saw the file change. `hash` null: it is gone. */
  fileChanged(hash: string | null): void {
    if (hash !== null && (hash === this.#onDisk || hash === this.#writing)) return;
    // Many programs replace a file by removing it first, or write it in several goes.
    this.#look(hash === null ? goneMs : settleMs);
  }

  /** The runner is back. */
  runnerConnected(): void {
    this.#failures = 0;
    this.#look(0);
  }

  /** Under its new path the file is what it was. */
  renamed(): void {
    this.#look(0);
  }

  /** Writes what is not written yet; resolves when the file is equal or cannot be written now. */
  async flush(): Promise<void> {
    this.#isDue = true;
    const ends = new DisposableStore();
    const tooLong = new Promise<void>((resolve) => {
      ends.add(this.#parts.clock.after(flushLimitMs, resolve));
    });
    await Promise.race([this.#flushed(), tooLong]);
    ends.dispose();
    this.#base.keep();
  }

  async #flushed(): Promise<void> {
    await this.#run();
    // What was running may have read the document before the last edit.
    if (this.#isDirty && this.#failures === 0) {
      this.#isDue = true;
      await this.#run();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#ends.dispose();
  }

  // ---- when

  #changed(withinMs: number): void {
    if (this.#isDisposed) return;
    const now = this.#parts.clock.now();
    this.#isDirty = true;
    this.#deadline = Math.min(this.#deadline ?? Number.POSITIVE_INFINITY, now + withinMs);
    // A failure stays on the screen until a write succeeds.
    if (this.#onDisk !== null && this.#parts.room.file.state !== 'failed') this.#show({ state: 'dirty' });
    const wait = Math.max(0, Math.min(quietMs, this.#deadline - now));
    this.#writeTimer?.dispose();
    this.#writeTimer = this.#parts.clock.after(wait, () => {
      this.#isDue = true;
      this.#begin();
    });
  }

  #look(afterMs: number): void {
    if (this.#isDisposed) return;
    this.#lookTimer?.dispose();
    this.#lookTimer = this.#parts.clock.after(afterMs, () => {
      this.#mustLook = true;
      this.#begin();
    });
  }

  #begin(): void {
    this.#run().catch((error: unknown) => this.#parts.logger.error({ err: error }, 'a mirror failed'));
  }

  /** One thing at a time: looking before writing. */
  #run(): Promise<void> {
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      if (!this.#isDisposed && (this.#mustLook || (this.#isDue && this.#isDirty && !this.#isUnreadable))) {
        this.#retryLater();
      } else if (!this.#isDirty) void this.#base.rest();
    });
    return this.#running;
  }

  async #work(): Promise<void> {
    try {
      while (!this.#isDisposed) {
        if (this.#mustLook) {
          await this.#compare();
        } else if (this.#isDirty && this.#isDue && !this.#isUnreadable) {
          if (this.#onDisk === null) await this.#compare();
          else await this.#write();
        } else break;
      }
      if (!this.#isDirty) this.#isDue = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  #retryLater(): void {
    const wait = backoffMs(this.#failures, this.#parts.random(), 500, 30_000);
    this.#writeTimer?.dispose();
    this.#writeTimer = this.#parts.clock.after(wait, () => this.#begin());
  }

  #failed(error: unknown): void {
    const known =
      error instanceof AppError
        ? error
        : appError('file/failed', { details: { path: this.#path, why: String(error) }, cause: error });
    if (this.#failures === 0 || !(error instanceof AppError)) {
      this.#parts.logger.warn({ err: error, path: this.#path }, 'file and document could not be made equal');
    }
    this.#failures += 1;
    if (known.code === 'runner/unreachable') {
      if (this.#isDirty) this.#show({ state: 'dirty' });
    } else this.#show({ state: 'failed', message: known.message });
  }

  // ---- disk → room

  async #compare(): Promise<void> {
    this.#mustLook = false;
    const file = await this.#readFile().catch((error: unknown) => {
      this.#mustLook = true;
      throw error;
    });
    if (file === null) {
      this.#isUnreadable = false;
      const isNews = this.#onDisk !== 'none';
      this.#onDisk = 'none';
      // Deleted by somebody: it comes back when the document is edited again, not by itself.
      const isEdited = this.#deadline !== null;
      if (isNews && !isEdited) this.#isDirty = false;
      if (!this.#isDirty) this.#show({ state: 'missing' });
      return;
    }
    if (this.#base.same?.hash === file.hash) {
      this.#seen(file.hash);
      return;
    }
    let made = 0;
    const parsed = this.#parts.document.kind.fromFile(file.bytes, this.#path, () => {
      made += 1;
      return this.#parts.newId();
    });
    if (!parsed.ok) {
      this.#isUnreadable = true;
      this.#onDisk = file.hash;
      const { message } = appError(parsed.code, { details: parsed.details });
      this.#show({ state: 'failed', message });
      return;
    }
    const { room, document } = this.#parts;
    const foreign: ForeignFile = { bytes: file.bytes, isRereadable: made === 0 };
    if (this.#base.isOurs(file.hash)) {
      const seq = this.#base.knownSeq ?? room.lastSeq;
      this.#setBase(file.hash, seq, parsed.plain, foreign);
      this.#seen(file.hash);
      return;
    }
    const base = await this.#base.plain();
    const read = await document.prepare();
    if (this.#isDisposed) return;
    // From here to the new base nothing may wait: the document must not change in between.
    const ours = read();
    const merged = document.kind.merge(base ?? ours, ours, parsed.plain);
    room.edit(disk, 'disk', (doc, by) => document.kind.edit(doc, merged, by, this.#parts.newId));
    // A file without cell ids got new ones when it was read; where nothing else differs the document's are better.
    const plain = document.kind.equals(merged, parsed.plain) ? merged : parsed.plain;
    this.#setBase(file.hash, room.lastSeq, plain, foreign);
    this.#seen(file.hash);
    this.#isDirty = true;
    this.#isDue = true;
    await document.takeResults(ours, merged);
  }

  /** These bytes are on disk and we know what they say. */
  #seen(hash: string): void {
    this.#onDisk = hash;
    this.#isUnreadable = false;
    this.#failures = 0;
    this.#show({ state: this.#isDirty ? 'dirty' : 'written' });
  }

  async #readFile(): Promise<{ readonly hash: string; readonly bytes: Uint8Array } | null> {
    try {
      const { result, payload } = await this.#parts.runner.call({
        method: 'file.read',
        path: this.#path,
        maxBytes: this.#parts.document.kind.maxBytes,
      });
      return { hash: result.hash, bytes: payload };
    } catch (error) {
      if (error instanceof AppError && error.code === 'file/not-found') return null;
      throw error;
    }
  }

  // ---- room → disk

  async #write(): Promise<void> {
    const { document, room, runner } = this.#parts;
    this.#isDirty = false;
    this.#isDue = false;
    try {
      const begin = this.#parts.clock.now();
      const read = await document.prepare();
      const plain = read();
      const seq = room.lastSeq;
      this.#deadline = null;
      if (await this.#isOnDisk(plain)) {
        this.#base.refine(plain);
        this.#written();
        return;
      }
      const { bytes, hash } = await document.write(plain);
      this.#costMs = this.#parts.clock.now() - begin;
      if (hash !== this.#onDisk) {
        this.#writing = hash;
        await this.#base.announce(hash);
        await runner.call(
          { method: 'file.write', path: this.#path, ifHash: this.#onDisk === 'none' ? null : this.#onDisk },
          bytes,
        );
      }
      this.#onDisk = hash;
      this.#setBase(hash, seq, plain);
      this.#written();
    } catch (error) {
      this.#isDirty = true;
      this.#isDue = true;
      this.#deadline ??= this.#parts.clock.now();
      const isConflict =
        error instanceof AppError && (error.code === 'file/changed' || error.code === 'file/exists');
      this.#mustLook = isConflict;
      this.#conflicts += 1;
      if (!isConflict || this.#conflicts > mostConflicts) throw error;
    } finally {
      this.#writing = null;
    }
  }

  /** Does the file show this already? */
  async #isOnDisk(plain: Plain): Promise<boolean> {
    const { same } = this.#base;
    const { kind, extentOf } = this.#parts.document;
    if (same === null || same.hash !== this.#onDisk || same.extent !== extentOf(plain)) return false;
    const known = await this.#base.plain();
    return known !== null && kind.equals(plain, known);
  }

  #setBase(hash: string, seq: number, plain: Plain, foreign?: ForeignFile): void {
    this.#base.set({ hash, seq, extent: this.#parts.document.extentOf(plain) }, plain, foreign);
  }

  #written(): void {
    this.#failures = 0;
    this.#conflicts = 0;
    this.#show({ state: this.#isDirty ? 'dirty' : 'written' });
  }

  #show(file: FileState): void {
    const hash = this.#onDisk === 'none' ? null : this.#onDisk;
    this.#parts.room.setFile(file, hash);
  }

  get #path(): string {
    return this.#parts.room.path;
  }
}
