/**
 * A simulated tab: a replica with its document, a storage that is always a little behind, and a link that comes and goes.
 * It also is a witness: it remembers every update that it was told is saved.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { asDocumentId } from '@cahier/base/ids.ts';
import type { LocalOrigin } from '@cahier/core/history/entry.ts';
import {
  emptyStoredReplica,
  persisted,
  type PersistChange,
  Replica,
  type StoredReplica,
} from '@cahier/core/rooms/replica.ts';
import { down } from '@cahier/protocol/client/down.ts';
import type { UpFrame } from '@cahier/protocol/client/up.ts';
import { decodeFrame, encodeFrame, joinPayload, splitPayload } from '@cahier/protocol/frame.ts';
import * as Y from 'yjs';
import type { SeededRandom } from './seeded-random.ts';
import { randomEdit, undoable } from './sim-edits.ts';
import type { SimLink } from './sim-link.ts';
import type { SimOptions } from './sim-options.ts';

export interface SimClientParts {
  readonly name: string;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly path: string;
  /** A new link, or null while the server is down. */
  readonly dial: (client: SimClient) => SimLink | null;
  /** What it inserts next; default: a token with its name and a number. */
  readonly mint?: (name: string) => string;
}

interface Written {
  readonly bytes: Uint8Array;
  /** What it inserted, if that is to be found again. */
  token: string | null;
}

const document = asDocumentId('sim');

export class SimClient {
  readonly name: string;
  /** Every update that was shown as saved, over all lives of the tab. */
  readonly acknowledged: Written[] = [];
  readonly #parts: SimClientParts;
  #doc = new Y.Doc();
  #undo = new Y.UndoManager(this.#doc.getMap('cells'));
  #replica: Replica;
  #link: SimLink | null = null;
  #stored: StoredReplica = emptyStoredReplica;
  /** Writes that the storage has not made yet. */
  #storing: PersistChange[] = [];
  #written = new Map<number, Written>();
  #lastWritten: Written | null = null;
  #edits = 0;
  #openId = 0;
  #opens = new Map<number, number>();
  #redial: Disposable | null = null;
  #problem: string | null = null;

  constructor(parts: SimClientParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#replica = this.#begin();
  }

  get doc(): Y.Doc {
    return this.#doc;
  }

  get status() {
    return this.#replica.status;
  }

  /** Something that must not happen in a simulation without rights and other histories. */
  get problem(): string | null {
    return this.#problem;
  }

  edit(edits: SimOptions['edits']): void {
    if (this.#replica.status.epoch === null) return;
    this.#edits += 1;
    const token = this.#parts.mint?.(this.name) ?? `<${this.name}${this.#edits}>`;
    this.#lastWritten = null;
    const inserted = randomEdit(this.#doc, this.#undo, this.#parts.random, edits, token);
    const written: Written | null = this.#lastWritten;
    this.#mark(written, inserted);
  }

  #mark(written: Written | null, token: string | null): void {
    if (written) written.token = token;
  }

  /** Connects when there is no link; tries again in a while when the server is down. */
  connect(): void {
    if (this.#link && !this.#link.isCut) return;
    this.#redial?.dispose();
    this.#link = this.#parts.dial(this);
    if (this.#link) this.#replica.connected();
    else this.#redial = this.#parts.clock.after(this.#parts.random.between(10, 500), () => this.connect());
  }

  /** The link is gone; the client notices at once and dials again after `wait`. */
  cut(wait: number): void {
    this.#link?.cut();
    this.#link = null;
    this.#replica.disconnected();
    this.#redial?.dispose();
    this.#redial = this.#parts.clock.after(wait, () => this.connect());
  }

  /** The tab is killed and opened again: what its storage had not written yet is gone. */
  crash(wait: number): void {
    this.#link?.cut();
    this.#link = null;
    this.#redial?.dispose();
    this.#replica.dispose();
    this.#undo.destroy();
    this.#storing
      .splice(0, this.#parts.random.below(this.#storing.length + 1))
      .forEach((change) => this.#store(change));
    this.#storing = [];
    this.#written = new Map(
      this.#stored.pending.map(({ n, bytes }) => [n, { bytes, token: this.#written.get(n)?.token ?? null }]),
    );
    this.#replica = this.#begin();
    this.#redial = this.#parts.clock.after(wait, () => this.connect());
  }

  /** Storage catches up. */
  flush(): void {
    for (const change of this.#storing.splice(0)) this.#store(change);
  }

  heard(bytes: Uint8Array): void {
    const { header, payload } = decodeFrame(bytes);
    const frame = down.parse(header);
    const replica = this.#replica;
    if (frame.t === 'doc.opened') {
      const [vector, update, ...fresh] = splitPayload(payload, frame.parts);
      if (vector && update) {
        replica.opened(this.#opens.get(frame.re) ?? -1, {
          epoch: frame.epoch,
          mayEdit: frame.mayEdit,
          seq: frame.seq,
          vector,
          update,
          fresh,
          vouchers: frame.vouchers,
        });
      }
    } else if (frame.t === 'doc.update')
      replica.received({ ...frame, updates: splitPayload(payload, frame.parts ?? [payload.length]) });
    else if (frame.t === 'doc.saved') replica.saved(frame.n, frame.seq);
    else if (frame.t === 'doc.resync') replica.resync();
    else if (frame.t === 'doc.rejected' || frame.t === 'error') this.#problem = JSON.stringify(frame);
  }

  #begin(): Replica {
    const { random } = this.#parts;
    this.#doc = new Y.Doc();
    this.#doc.clientID = random.below(2 ** 32);
    const replica = new Replica(
      this.#doc,
      {
        sendOpen: ({ attempt, epoch, n, vector }) => {
          this.#openId += 1;
          this.#opens.set(this.#openId, attempt);
          const { path } = this.#parts;
          this.#send(
            { t: 'doc.open', id: this.#openId, path, n, ...(epoch === null ? {} : { epoch }) },
            vector,
          );
        },
        sendUpdates: ({ n, updates, origins }) => {
          const parts = updates.map((bytes) => bytes.length);
          this.#send(
            { t: 'doc.update', doc: document, n, parts, origins: [...origins] },
            joinPayload(updates),
          );
        },
        sendRecovery: ({ updates, vouchers }) => {
          const parts = updates.map((bytes) => bytes.length);
          this.#send(
            { t: 'doc.recover', doc: document, parts, vouchers: [...vouchers] },
            joinPayload(updates),
          );
        },
        persist: (change) => this.#persist(change),
        statusChanged: () => undefined,
        ended: ({ why }) => {
          this.#problem = `the replica ended: ${why}`;
        },
      },
      { stored: this.#stored, originOf },
    );
    this.#undo = new Y.UndoManager(this.#doc.getMap('cells'), {
      trackedOrigins: new Set(undoable),
      captureTimeout: 0,
    });
    return replica;
  }

  #send(frame: UpFrame, payload: Uint8Array): void {
    this.#link?.up(encodeFrame(frame, payload));
  }

  #persist(change: PersistChange): void {
    if (change.p === 'local') {
      this.#lastWritten = { bytes: change.update.bytes, token: null };
      this.#written.set(change.update.n, this.#lastWritten);
    }
    if (change.p === 'saved') {
      for (const [n, written] of this.#written) {
        if (n > change.n) continue;
        this.acknowledged.push(written);
        this.#written.delete(n);
      }
    }
    this.#storing.push(change);
    // Storage is usually at once, sometimes late.
    if (this.#parts.random.chance(0.8)) this.flush();
  }

  #store(change: PersistChange): void {
    this.#stored = persisted(this.#stored, change);
  }
}

function originOf(origin: unknown): LocalOrigin {
  if (origin instanceof Y.UndoManager) return 'undo';
  return origin === 'paste' || origin === 'structure' || origin === 'rearrangement' ? origin : 'typing';
}
