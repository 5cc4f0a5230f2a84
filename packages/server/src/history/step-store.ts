/**
 * Steps of all documents: derived from the hot log when somebody asks or enough has come, never on the path of a
 * keystroke, in short slices of the event loop. Full chunks go to the step log; the rest stays in memory. Everything
 * here can be thrown away and derived again; a stored chunk that is damaged is. Owned by the composition root.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '@cahier/base/app-error.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { foldTo } from '@cahier/core/history/fold.ts';
import type { UpdateEntry } from '@cahier/core/history/entry.ts';
import { emptyPast, type PastDocument } from '@cahier/core/history/step.ts';
import type { Logger } from 'pino';
import * as Y from 'yjs';
import type { HistoryLog, SnapshotRow } from './history-log.ts';
import { readAround } from './read-around.ts';
import {
  type BaseDictionary,
  type ChunkSummary,
  type PackedChunk,
  packChunk,
  packedOf,
  packedOfRow,
  packReplica,
  type StepChunk,
  summaryOf,
  unpackBaseJson,
  unpackChunk,
  unpackReplica,
  unpackSummary,
} from './step-chunk.ts';
import type { StepChunkRow, StepLog } from './step-log.ts';
import { StepTail } from './step-tail.ts';

export interface StepStoreDeps {
  readonly log: HistoryLog;
  readonly steps: StepLog;
  readonly logger?: Logger;
  /** Steps in a full chunk. Changing it makes stored chunks useless: clear them. */
  readonly chunkSteps?: number;
}

/**
 * Smaller chunks open faster and derive less again after a restart; larger ones need fewer checkpoints. Measured on
 * 100,000 steps in 200 cells: 2.7 bytes a step for steps, 4 for checkpoints, 45 kB for a chunk on the wire.
 */
const defaultChunkSteps = 2_000;
/** Chunks that share one dictionary for their bases. */
const chunksPerDictionary = 16;
/** Chunks that are collected before they are stored, in a long derivation. */
const chunksPerKeep = 16;
const entriesPerRead = 500;
const sliceMs = 5;
const tailsInMemory = 12;
const chunksInMemory = 12;
const dictionariesInMemory = 16;

export class StepStore {
  readonly #deps: StepStoreDeps;
  readonly #chunkSteps: number;
  readonly #tails = new Map<DocumentId, StepTail>();
  readonly #catchingUp = new Map<DocumentId, Promise<StepTail>>();
  readonly #chunks = new Map<string, Promise<StepChunk>>();
  readonly #summaries = new Map<
    DocumentId,
    { readonly to: number; readonly summaries: readonly ChunkSummary[] }
  >();
  readonly #dictionaries = new Map<DocumentId, BaseDictionary>();
  readonly #readDictionaries = new Map<string, Uint8Array>();

  constructor(deps: StepStoreDeps) {
    this.#deps = deps;
    this.#chunkSteps = deps.chunkSteps ?? defaultChunkSteps;
  }

  /** Derives everything that is durable by now. */
  async catchUp(document: DocumentId): Promise<void> {
    await this.#tailOf(document);
  }

  /** Steps that are derived so far; 0 when none are in memory. */
  derivedSeq(document: DocumentId): number {
    return this.#tails.get(document)?.seq ?? 0;
  }

  /** Throws away everything derived for a document: its entries are others now. */
  async forget(document: DocumentId): Promise<void> {
    while (this.#catchingUp.has(document)) await this.#catchingUp.get(document)?.catch(() => undefined);
    this.#forgetInMemory(document);
    await this.#deps.steps.clear(document);
    this.#forgetInMemory(document);
  }

  #forgetInMemory(document: DocumentId): void {
    this.release(document);
    for (const known of [this.#chunks, this.#readDictionaries]) {
      for (const key of known.keys()) if (key.startsWith(`${document} `)) known.delete(key);
    }
  }

  /** Lets go of what is in memory for a document. */
  release(document: DocumentId): void {
    if (this.#catchingUp.has(document)) return;
    this.#tails.get(document)?.dispose();
    this.#tails.delete(document);
    this.#dictionaries.delete(document);
    this.#summaries.delete(document);
  }

  /** The summaries of all chunks in order, the unfinished one last, after catching up. */
  summaries(document: DocumentId): Promise<readonly ChunkSummary[]> {
    return this.#healing(document, () => this.#readSummaries(document));
  }

  async #readSummaries(document: DocumentId): Promise<readonly ChunkSummary[]> {
    const tail = await this.#tailOf(document);
    const unfinished = tail.chunk();
    const unkept = tail.unkept.map(summaryOf);
    const stored = await this.#fullSummaries(document, tail.unkept[0]?.base.seq ?? unfinished.base.seq);
    const full = unkept.length === 0 ? stored : [...stored, ...unkept];
    return unfinished.steps.length === 0 ? full : [...full, summaryOf(unfinished)];
  }

  async #fullSummaries(document: DocumentId, to: number): Promise<readonly ChunkSummary[]> {
    const known = this.#summaries.get(document);
    if (known?.to === to) return known.summaries;
    const rows = await this.#deps.steps.summaries(document);
    const isWhole = rows.every(({ from }, i) => from === (rows[i - 1]?.to ?? 0) + 1);
    if (!isWhole || (rows.at(-1)?.to ?? 0) !== to) throw new Error('chunks of steps are missing');
    const summaries = rows.map((row) => unpackSummary(row.summary));
    this.#summaries.delete(document);
    this.#summaries.set(document, { to, summaries });
    trim(this.#summaries, tailsInMemory);
    return summaries;
  }

  /** The chunk that holds `seq` (0: the first one). Throws `history/range`. */
  chunk(document: DocumentId, seq: number): Promise<StepChunk> {
    return this.#healing(document, () => this.#findChunk(document, seq));
  }

  async #findChunk(document: DocumentId, seq: number): Promise<StepChunk> {
    const tail = await this.#tailOf(document);
    const unfinished = tail.chunk();
    if (seq < 0 || seq > tail.seq || !Number.isInteger(seq)) throw appError('history/range');
    if (seq > unfinished.base.seq || unfinished.base.seq === 0) return unfinished;
    const unkept = tail.unkept.find(({ base, steps }) => seq <= base.seq + steps.length);
    if (unkept && (seq > unkept.base.seq || unkept.base.seq === 0)) return unkept;
    return this.#storedChunk(document, Math.max(1, seq));
  }

  /**
   * The chunks that hold steps from … to, those that there are, in order; the first ones of them when they have more than
   * `mostBytes`, but always one. Throws `history/range`.
   */
  packed(
    document: DocumentId,
    { from, to, mostBytes }: { readonly from: number; readonly to: number; readonly mostBytes: number },
  ): Promise<readonly PackedChunk[]> {
    return this.#healing(document, () => this.#findPacked(document, from, to, mostBytes));
  }

  async #findPacked(
    document: DocumentId,
    from: number,
    to: number,
    mostBytes: number,
  ): Promise<readonly PackedChunk[]> {
    const tail = await this.#tailOf(document);
    if (from < 1 || from > tail.seq) throw appError('history/range');
    const last = Math.min(to, tail.seq);
    const inMemory = [...tail.unkept, tail.chunk()];
    const found: PackedChunk[] = [];
    let bytes = 0;
    for (let seq = from; seq <= last && bytes < mostBytes; ) {
      const here = inMemory.find(({ base, steps }) => seq > base.seq && seq <= base.seq + steps.length);
      const chunk = here ? packedOf(here) : packedOfRow(await this.#row(document, seq));
      found.push(chunk);
      bytes += chunk.steps.length;
      seq = chunk.to + 1;
      // A chunk takes less than a millisecond, a stretch of them would hold up those who type.
      await nextTurn();
    }
    return found;
  }

  /** The document at `seq`. Throws `history/range`. */
  async past(document: DocumentId, seq: number): Promise<PastDocument> {
    if (seq === 0) return emptyPast;
    const { base, steps } = await this.chunk(document, seq);
    return foldTo(base, steps, seq);
  }

  #storedChunk(document: DocumentId, seq: number): Promise<StepChunk> {
    const key = `${document} ${Math.floor((seq - 1) / this.#chunkSteps)}`;
    const known = this.#chunks.get(key);
    const reading = known ?? this.#readChunk(document, seq);
    this.#chunks.delete(key);
    this.#chunks.set(key, reading);
    reading.catch(() => this.#chunks.delete(key));
    trim(this.#chunks, chunksInMemory);
    return reading;
  }

  async #readChunk(document: DocumentId, seq: number): Promise<StepChunk> {
    const row = await this.#row(document, seq);
    return unpackChunk(row, await this.#dictionaryOf(row));
  }

  async #dictionaryOf(row: StepChunkRow): Promise<Uint8Array | null> {
    if (row.baseDictionary === null) return null;
    const key = `${row.document} ${row.baseDictionary}`;
    const known = this.#readDictionaries.get(key);
    const json = known ?? unpackBaseJson(await this.#row(row.document, row.baseDictionary), null);
    this.#readDictionaries.delete(key);
    this.#readDictionaries.set(key, json);
    trim(this.#readDictionaries, dictionariesInMemory);
    return json;
  }

  async #row(document: DocumentId, seq: number): Promise<StepChunkRow> {
    const row = await this.#deps.steps.chunk(document, seq);
    if (!row) throw new Error(`no chunk of steps holds ${seq}`);
    return row;
  }

  /** When stored steps cannot be read they are thrown away, derived again, and the question is asked once more. */
  async #healing<T>(document: DocumentId, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof AppError && error.code !== 'history/damaged') throw error;
      this.#deps.logger?.warn(
        { err: error, document },
        'stored steps cannot be read; they are derived again',
      );
      await this.#catchingUp.get(document)?.catch(() => undefined);
      this.#forgetInMemory(document);
      await this.#deps.steps.clear(document);
      return read();
    }
  }

  /** The tail with everything that is durable now. One derivation at a time per document. */
  async #tailOf(document: DocumentId): Promise<StepTail> {
    const last = await this.#deps.log.lastSeq(document);
    for (;;) {
      const underWay = this.#catchingUp.get(document);
      const known = this.#tails.get(document);
      if (underWay) await underWay.catch(() => undefined);
      else if (known && known.seq >= last) return known;
      else {
        const catchingUp = this.#derive(document, last).finally(() => this.#catchingUp.delete(document));
        this.#catchingUp.set(document, catchingUp);
        return catchingUp;
      }
    }
  }

  async #derive(document: DocumentId, last: number): Promise<StepTail> {
    const tail = this.#tails.get(document) ?? (await this.#resume(document));
    try {
      await this.#deriveTo(tail, last);
    } catch (error) {
      // What is stored stays; what is in memory may be half a chunk further than it says.
      this.#tails.delete(document);
      tail.dispose();
      throw error;
    }
    this.#tails.delete(document);
    this.#tails.set(document, tail);
    for (const [id, oldest] of this.#tails) {
      if (this.#tails.size <= tailsInMemory) break;
      if (this.#catchingUp.has(id)) continue;
      oldest.dispose();
      this.#tails.delete(id);
      this.#dictionaries.delete(id);
    }
    return tail;
  }

  async #deriveTo(tail: StepTail, last: number): Promise<void> {
    const { document } = tail;
    let snapshot: Promise<SnapshotRow | null> | null = null;
    let sliceEnd = performance.now() + sliceMs;
    while (tail.seq < last) {
      const to = Math.min(last, tail.seq + entriesPerRead);
      for (const entry of await readAround(this.#deps.log, document, tail.seq + 1, to)) {
        if (typeof entry === 'number') {
          this.#deps.logger?.error({ document, seq: entry }, 'an entry of the history is damaged');
          tail.addDamaged(entry);
        } else if (tail.hole !== null && entry.kind === 'update') {
          snapshot ??= this.#deps.log.snapshot(document);
          addOrHeal(tail, entry, await snapshot);
        } else tail.add(entry);
        if (tail.length === this.#chunkSteps) {
          tail.unkept.push(tail.chunk());
          tail.cut();
          if (tail.unkept.length >= chunksPerKeep || last - tail.seq < this.#chunkSteps)
            await this.#keep(tail);
        }
        if (performance.now() > sliceEnd) {
          await nextTurn();
          sliceEnd = performance.now() + sliceMs;
        }
      }
    }
  }

  /** A disk that takes nothing leaves the chunks in memory, from where they are read until it takes them. */
  async #keep(tail: StepTail): Promise<void> {
    try {
      await this.#store(tail);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'history/not-durable') throw error;
      this.#deps.logger?.warn({ err: error, document: tail.document }, 'steps are kept in memory for now');
    }
  }

  async #store(tail: StepTail): Promise<void> {
    const { document } = tail;
    const chunks = [...tail.unkept];
    const replica = tail.replicaState();
    const rows: StepChunkRow[] = [];
    for (const chunk of chunks) {
      const number = Math.floor(chunk.base.seq / this.#chunkSteps);
      const isFresh = number % chunksPerDictionary === 0;
      const dictionary = isFresh ? null : await this.#dictionaryFor(chunk);
      const { row, usedAs } = await packChunk(chunk, dictionary);
      this.#dictionaries.set(document, usedAs);
      rows.push(row);
    }
    await this.#deps.steps.keep(rows, { document, seq: tail.seq, replica: await packReplica(replica) });
    tail.unkept.splice(0, chunks.length);
  }

  async #dictionaryFor({ document, base }: StepChunk): Promise<BaseDictionary | null> {
    const span = this.#chunkSteps * chunksPerDictionary;
    const from = Math.floor(base.seq / span) * span + 1;
    const known = this.#dictionaries.get(document);
    if (known?.from === from) return known;
    const row = await this.#deps.steps.chunk(document, from).catch(() => null);
    return row && row.baseDictionary === null ? { from, json: unpackBaseJson(row, null) } : null;
  }

  /** Where the last life of the server got to, or the beginning. */
  async #resume(document: DocumentId): Promise<StepTail> {
    const { steps, logger } = this.#deps;
    try {
      const resume = await steps.resume(document);
      if (resume && resume.seq > 0 && resume.seq % this.#chunkSteps === 0) {
        const replica = new Y.Doc();
        Y.applyUpdate(replica, await unpackReplica(resume.replica));
        const last = await this.#storedChunk(document, resume.seq);
        return new StepTail(document, replica, foldTo(last.base, last.steps, resume.seq));
      }
    } catch (error) {
      logger?.warn({ err: error, document }, 'stored steps cannot be read; they are derived again');
      await steps.clear(document);
    }
    return new StepTail(document, new Y.Doc(), emptyPast);
  }
}

/** A snapshot taken since the damage, and not younger than the entry, brings back what the damaged entries had done. */
function addOrHeal(tail: StepTail, entry: UpdateEntry, snapshot: SnapshotRow | null): void {
  const heals = snapshot !== null && snapshot.seq <= entry.seq && snapshot.seq >= (tail.hole ?? 0);
  if (heals) tail.addHealing(entry, snapshot);
  else tail.add(entry);
}

function trim<K, V>(map: Map<K, V>, size: number): void {
  for (const key of map.keys()) {
    if (map.size <= size) return;
    map.delete(key);
  }
}
