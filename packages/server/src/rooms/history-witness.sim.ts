/**
 * Looks at the history of a simulated room. While people edit and servers die it restores, changes the file, runs cells,
 * edits in JupyterLab, writes what no honest client writes, packs, purges, and derives steps as a server does, with an
 * unfinished tail that each crash takes away. In the end: fold(steps up to n) is the document at n, byte for byte, for
 * every n; packed entries come back byte for byte; a purge has left every later document as it was, and nothing of what
 * it removed; and every character has its author. No character is minted twice, so who wrote it is known.
 */
import { isDeepStrictEqual } from 'node:util';
import { asBlobHash, asCellId, asRunId, type CellId } from '@cahier/base/ids.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { Blame } from '@cahier/core/history/blame.ts';
import { packEntries, unpackEntries } from '@cahier/core/history/entry-codec.ts';
import type { Entry, EntryAuthor } from '@cahier/core/history/entry.ts';
import { applyStep, foldTo, pastCells } from '@cahier/core/history/fold.ts';
import { notebookOf } from '@cahier/core/history/restore.ts';
import { emptyPast, type PastDocument, type Step } from '@cahier/core/history/step.ts';
import type { PlainCell, PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import { breakSomething } from '@cahier/testkit/history-trace.ts';
import { MemoryStepLog } from '@cahier/testkit/memory-step-log.ts';
import type { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import * as Y from 'yjs';
import { documentsOf, firstMinted } from './documents-of.sim.ts';
import { HistoryPacker } from '../history/packer.ts';
import { StepStore } from '../history/step-store.ts';
import { PurgeWitness } from './purge-witness.sim.ts';
import { restoreRoom } from './restore-room.ts';
import { labAuthor, SimLab } from './sim-lab.sim.ts';
import { type SimServer, simDocument } from './sim-server.sim.ts';
import type { SimWitness } from './simulate.sim.ts';

const disk: EntryAuthor = { person: null, name: 'disk', session: null };
export interface WitnessCounts {
  entries: number;
  restores: number;
  diskChanges: number;
  jupyterlabEdits: number;
  packed: number;
  purges: number;
  characters: number;
  /** Characters that blame gives to another than who wrote them. */
  strangers: number;
  /** The same where a part of the history was purged, beside what nobody can know then. */
  strangersAfterPurge: number;
  /** The same where somebody works in JupyterLab, which does not say what it did. */
  strangersBesideLab: number;
}

export class HistoryWitness implements SimWitness {
  readonly counts: WitnessCounts = {
    entries: 0,
    restores: 0,
    diskChanges: 0,
    jupyterlabEdits: 0,
    packed: 0,
    purges: 0,
    characters: 0,
    strangers: 0,
    strangersAfterPurge: 0,
    strangersBesideLab: 0,
  };
  readonly #random: SeededRandom;
  readonly #stepLog = new MemoryStepLog();
  readonly #chunkSteps: number;
  /** A peer writes cells that are none. Yjs may then replace characters: authors are not compared. */
  readonly #isHostile: boolean;
  /** Somebody works in JupyterLab. */
  readonly #hasLab: boolean;
  readonly #purges: PurgeWitness;
  /** Whose each letter is, from the first one minted on. */
  readonly #minters: string[] = [];
  #steps: StepStore | null = null;
  #lab: SimLab | null = null;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#chunkSteps = random.pick([8, 20, 64, 500]);
    this.#isHostile = random.chance(0.2);
    this.#hasLab = !this.#isHostile && random.chance(0.4);
    this.#purges = new PurgeWitness({
      random,
      often: random.chance(0.4) ? 0.03 : 0,
      stepLog: this.#stepLog,
      steps: (server) => this.#stepsOf(server),
      purged: () => {
        // What JupyterLab has is of another history then.
        this.#closeLab();
      },
    });
  }

  mint(who: string): string {
    let text = '';
    for (let left = this.#random.between(1, 6); left > 0; left -= 1) {
      text += String.fromCharCode(firstMinted + this.#minters.push(who) - 1);
    }
    return text;
  }

  async restarted(): Promise<void> {
    this.#steps = null;
    this.#closeLab();
    await this.#purges.restarted();
  }

  #closeLab(): void {
    this.#lab?.dispose();
    this.#lab = null;
  }

  async round(server: SimServer): Promise<void> {
    const random = this.#random;
    if (!server.room) return;
    if (random.chance(0.1)) await this.#stepsOf(server).catchUp(simDocument);
    if (random.chance(0.06)) await this.#restore(server);
    if (random.chance(0.06)) this.#changeFile(server);
    if (random.chance(0.1)) this.#run(server);
    if (this.#isHostile && random.chance(0.03)) breakSomething(server.room.doc, random);
    if (this.#hasLab) {
      this.#lab ??= new SimLab(server.room, random, () => this.mint(labAuthor.name));
      this.counts.jupyterlabEdits += this.#lab.round();
    }
    if (random.chance(0.05)) this.#pack(server);
    await this.#purges.round(server);
  }

  /** Goes on beside everything else; a crash may come in the middle. */
  #pack({ log }: SimServer): void {
    const packer = new HistoryPacker({
      store: log,
      clock: packingClock(this.#random),
      segmentEntries: this.#random.pick([4, 16, 60]),
      turns: this.#purges.turns,
    });
    packer.pack(simDocument).then(
      (packed) => void (this.counts.packed += packed),
      // A disk that takes nothing: everything stays where it is.
      () => undefined,
    );
  }

  /** Throws what is wrong. */
  async end(server: SimServer): Promise<void> {
    const { log } = server;
    const last = await log.lastSeq(simDocument);
    const entries = await log.entries(simDocument, 1, last);
    this.counts.entries = last;
    const again = unpackEntries(packEntries(entries), simDocument);
    if (!isDeepStrictEqual(again, entries)) throw new Error('packed entries come back as others');

    const wanted = documentsOf(entries);
    this.#closeLab();
    this.counts.purges = this.#purges.check(entries, wanted);
    const { steps, authors } = await this.#allSteps(server, last);
    let past: PastDocument = emptyPast;
    const blame = new Blame(emptyPast);
    steps.forEach((step, i) => {
      past = applyStep(past, step);
      if (JSON.stringify(notebookOf(past)) !== wanted[i])
        throw new Error(`fold(steps up to ${step.seq}) is not the document at ${step.seq}`);
      blame.apply(step);
    });
    if (steps.length !== last) throw new Error(`${last} entries, ${steps.length} steps`);
    for (let i = 0; i < 5 && last > 0; i += 1) {
      const seq = this.#random.between(1, last);
      const found = JSON.stringify(notebookOf(await this.#stepsOf(server).past(simDocument, seq)));
      if (found !== wanted[seq - 1]) throw new Error(`the state at ${seq} opens as another one`);
    }
    this.#compareAuthors(past, blame, authors, this.#purges.began > 0 ? firstBringers(entries) : null);
  }

  #compareAuthors(
    past: PastDocument,
    blame: Blame,
    authors: readonly string[],
    /** By letter, when entries of those who typed it may be purged: then nobody knows more. */
    bringers: ReadonlyMap<string, string> | null,
  ): void {
    for (const { id, source } of pastCells(past)) {
      const found = blame.runs(id).flatMap((run) => Array<typeof run>(run.length).fill(run));
      if (found.length !== source.length)
        throw new Error(`blame tells ${found.length} of ${source.length} characters`);
      if (this.#isHostile) continue;
      found.forEach(({ author }, at) => {
        const letter = source.charAt(at);
        const minter = this.#minters[letter.charCodeAt(0) - firstMinted];
        if (minter === undefined) return;
        this.counts.characters += 1;
        if (nameOf(authors[author]) === nameOf(bringers?.get(letter) ?? minter)) return;
        if (this.#hasLab) this.counts.strangersBesideLab += 1;
        else if (bringers) this.counts.strangersAfterPurge += 1;
        else this.counts.strangers += 1;
      });
    }
  }

  #stepsOf(server: SimServer): StepStore {
    this.#steps ??= new StepStore({ log: server.log, steps: this.#stepLog, chunkSteps: this.#chunkSteps });
    return this.#steps;
  }

  /** All steps chunk by chunk, as a reader gets them; author numbers count through all of them. */
  async #allSteps(server: SimServer, last: number) {
    const steps: Step[] = [];
    const authors: string[] = [];
    const numberOf = (name: string) => {
      if (!authors.includes(name)) authors.push(name);
      return authors.indexOf(name);
    };
    for (let seq = 1; seq <= last; ) {
      const chunk = await this.#stepsOf(server).chunk(simDocument, seq);
      if (JSON.stringify(foldTo(chunk.base, chunk.steps, chunk.base.seq)) !== JSON.stringify(chunk.base))
        throw new Error('a chunk does not begin where it says');
      for (const step of chunk.steps)
        steps.push({ ...step, author: numberOf(chunk.authors[step.author]?.name ?? '?') });
      seq = chunk.base.seq + chunk.steps.length + 1;
    }
    return { steps, authors };
  }

  async #restore(server: SimServer): Promise<void> {
    const { room, log } = server;
    const last = await log.lastSeq(simDocument);
    if (!room || last === 0) return;
    const past = await this.#stepsOf(server).past(simDocument, this.#random.between(1, last));
    const cells = pastCells(past).map(({ id }) => id);
    const cell = cells.length > 0 && this.#random.chance(0.5) ? this.#random.pick(cells) : null;
    const author = { person: null, name: 'restorer', session: null };
    restoreRoom(room, past, { author, cell, kinds, newId: (length) => this.#random.hex(length) });
    this.counts.restores += 1;
  }

  /** Another program writes the file. */
  #changeFile({ room }: SimServer): void {
    if (!room) return;
    const before = kinds.notebook.read(room.doc);
    const target = this.#otherFile(before);
    room.edit(disk, 'disk', (doc, by) => kinds.notebook.edit(doc, target, by, () => this.#random.hex(8)));
    this.counts.diskChanges += 1;
  }

  #otherFile(before: PlainNotebook): PlainNotebook {
    const random = this.#random;
    const cells = [...before.cells];
    const at = random.below(cells.length + 1);
    const cell = cells[at];
    if (!cell || random.chance(0.2)) {
      const id = asCellId(random.hex(8));
      const made: PlainCell = { id, type: 'markdown', source: this.mint(disk.name), metadata: {} };
      return { ...before, cells: cells.toSpliced(at, 0, made) };
    }
    if (random.chance(0.15)) return { ...before, cells: cells.toSpliced(at, 1) };
    if (random.chance(0.15)) return { ...before, cells: random.chance(0.5) ? cells.toReversed() : cells };
    if (random.chance(0.15)) return { ...before, metadata: { ...before.metadata, by: random.hex(3) } };
    const from = random.below(cell.source.length + 1);
    const gone = random.chance(0.5) ? random.below(4) : 0;
    const source = cell.source.slice(0, from) + this.mint(disk.name) + cell.source.slice(from + gone);
    return { ...before, cells: cells.with(at, { ...cell, source }) };
  }

  #run(server: SimServer): void {
    const { room } = server;
    const random = this.#random;
    const cells = room ? kinds.notebook.read(room.doc).cells : [];
    if (!room || cells.length === 0) return;
    const base = { document: simDocument, at: room.lastSeq, author: disk, origin: 'run' as const };
    const cell: CellId = random.pick(cells).id;
    if (random.chance(0.1)) server.record({ ...base, kind: 'mark', mark: 'kernel-restarted', text: '' });
    else
      server.record({
        ...base,
        kind: 'run',
        run: asRunId(random.hex(20)),
        cell,
        state: random.chance(0.2) ? 'failed' : 'done',
        executionCount: random.below(100),
        startedAt: 0,
        outputs: asBlobHash(random.hex(64)),
      });
  }
}

/** A person has a session of its own after each cut: “a-3”. */
function nameOf(author: string | undefined): string | undefined {
  return author?.replace(/-\d+$/, '');
}

/** Who brought each letter first, as the updates themselves say. */
function firstBringers(entries: readonly Entry[]): Map<string, string> {
  const bringers = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind !== 'update') continue;
    for (const struct of Y.decodeUpdate(entry.update).structs) {
      const content = struct instanceof Y.Item ? struct.content : null;
      if (!(content instanceof Y.ContentString)) continue;
      for (const letter of content.str) if (!bringers.has(letter)) bringers.set(letter, entry.author.name);
    }
  }
  return bringers;
}

/** All entries are old enough, or those of the last seconds are not. */
function packingClock(random: SeededRandom) {
  const now = random.chance(0.5) ? Number.MAX_SAFE_INTEGER : Date.UTC(2026, 0, 2) + random.below(5_000);
  return { now: () => now, after: () => ({ dispose: () => undefined }) };
}
