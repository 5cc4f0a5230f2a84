/**
 * Purges ranges of a simulated history, beside everything else, and remembers what must be true of it: the documents
 * after the range, and that nothing is left of what only the range knew. A crash or a full disk may come in the middle;
 * then a part may still be there, and the rest must be as it was.
 */
import type { DocumentId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import type { MemoryHistoryLog } from '@cahier/testkit/memory-history-log.ts';
import type { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { HistoryPurge, isPurged } from '../history/purge.ts';
import type { StepLog } from '../history/step-log.ts';
import type { StepStore } from '../history/step-store.ts';
import * as Y from 'yjs';
import { Turns } from '../history/turns.ts';
import { documentsOf, firstMinted } from './documents-of.sim.ts';
import { type SimServer, simDocument, simProject } from './sim-server.sim.ts';

interface Purge {
  readonly from: number;
  readonly to: number;
  /** The documents at `to` and after it, as they were before the purge. */
  readonly after: readonly string[];
  isDone: boolean;
}

export interface PurgeWitnessParts {
  readonly random: SeededRandom;
  /** Chance of a purge per round. */
  readonly often: number;
  readonly stepLog: StepLog;
  readonly steps: (server: SimServer) => StepStore;
  readonly purged: () => void;
}

const owner = { person: null, name: 'owner', session: null };

export class PurgeWitness {
  readonly #parts: PurgeWitnessParts;
  readonly #purges: Purge[] = [];
  #isAtWork = false;
  /** Of this life of the server. */
  turns = new Turns();

  constructor(parts: PurgeWitnessParts) {
    this.#parts = parts;
  }

  /** How many purges were begun. */
  get began(): number {
    return this.#purges.length;
  }

  async restarted(): Promise<void> {
    this.turns = new Turns();
    // The real log drops the steps in the transaction that replaces their entries; the last one may have reached the disk.
    if (this.#isAtWork) await this.#parts.stepLog.clear(simDocument);
    this.#isAtWork = false;
  }

  async round(server: SimServer): Promise<void> {
    const { random, often } = this.#parts;
    if (this.#isAtWork || !random.chance(often)) return;
    const entries = await server.log.entries(simDocument, 1, Number.MAX_SAFE_INTEGER);
    if (entries.length < 2) return;
    const from = random.chance(0.5) ? 1 : random.between(1, entries.length - 1);
    const to = random.between(from, entries.length);
    const purge: Purge = { from, to, after: documentsOf(entries).slice(to - 1), isDone: false };
    this.#purges.push(purge);
    this.#begin(server, purge);
  }

  #begin(server: SimServer, purge: Purge): void {
    const { log, recorder } = server;
    const { steps, stepLog, purged } = this.#parts;
    if (!recorder) return;
    this.#isAtWork = true;
    new HistoryPurge({
      store: purging(log, stepLog),
      steps: {
        forget: (document) => steps(server).forget(document),
        chunk: (document, seq) => steps(server).chunk(document, seq),
      },
      blobs: { has: async () => true },
      clock: { now: () => Date.UTC(2026, 0, 1), after: () => ({ dispose: () => undefined }) },
      prepare: async () => {
        await recorder.flush();
        return recorder;
      },
      purged,
      turns: this.turns,
    })
      .purge(simProject, simDocument, purge.from, purge.to, owner)
      .then(() => void (purge.isDone = true))
      // A disk that takes nothing: asked again another time.
      .catch(() => undefined)
      .finally(() => {
        if (server.log === log) this.#isAtWork = false;
      });
  }

  /** Throws what is wrong; returns how many purges came to their end. `documents`: after each entry, as they are now. */
  check(entries: readonly Entry[], documents: readonly string[]): number {
    this.#purges.forEach((purge, i) => {
      const later = this.#purges.slice(i + 1);
      const isEmptied = (seq: number) => later.some(({ from, to }) => seq >= from && seq < to);
      purge.after.forEach((wanted, at) => {
        const seq = purge.to + at;
        if (documents[seq - 1] !== wanted && !isEmptied(seq))
          throw new Error(`a purge of ${purge.from} to ${purge.to} changed the document at ${seq}`);
      });
      if (purge.isDone) checkGone(purge, later, entries);
    });
    return this.#purges.filter(({ isDone }) => isDone).length;
  }
}

function checkGone({ from, to, after }: Purge, later: readonly Purge[], entries: readonly Entry[]): void {
  const isEnd = (seq: number) => later.some((purge) => purge.to === seq);
  const isLeft = (entry: Entry) => !isPurged(entry) && !isEnd(entry.seq);
  if (entries.slice(from - 1, to - 1).some(isLeft))
    throw new Error(`a purge of ${from} to ${to} left entries of it`);
  const end = entries[to - 1];
  if (isEnd(to) || end?.kind !== 'update') return;
  for (const struct of Y.decodeUpdate(end.update).structs) {
    const content = struct instanceof Y.Item ? struct.content : null;
    if (!(content instanceof Y.ContentString)) continue;
    for (const letter of content.str) {
      if (letter.charCodeAt(0) >= firstMinted && !after[0]?.includes(letter))
        throw new Error(`a purge of ${from} to ${to} left ${letter}`);
    }
  }
}

/** As the real log does it: steps of replaced entries go with them. */
function purging(log: MemoryHistoryLog, steps: StepLog) {
  return new Proxy(log, {
    get: (target, key) => {
      if (key !== 'replace') {
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async (entries: readonly Entry[]) => {
        await target.replace(entries);
        const document: DocumentId | undefined = entries[0]?.document;
        if (document !== undefined) await steps.clear(document);
      };
    },
  });
}
