/**
 * A replica is one client's copy of a document and the rules by which it stays equal to the server's: a state machine
 * without network, storage, clock or screen. The web client and the simulation drive the same class.
 *
 * Whoever uses it
 *   1. makes a fresh `Y.Doc` and `new Replica(doc, effects, { stored, originOf })`, `stored` being what the storage kept;
 *   2. tells it what happened: `connected`, `disconnected`, `opened`, `received`, `saved`, `resync`, `rejected`;
 *   3. carries out its effects, at once and in order: `sendOpen`, `sendUpdates`, `sendRecovery`, `persist`,
 *      `statusChanged`, `ended`;
 *   4. after `ended` throws the doc away, clears the storage, and begins anew with a fresh doc (the unsent text is in the
 *      old doc, for a copy).
 * Edits need no call: the replica listens to the doc. Everything it brings from the server has the replica itself as
 * transaction origin, so bindings and undo managers can tell (`transaction.origin === replica`).
 *
 * Rules: every local update has a number `n`, kept in order until the server said that it is on its disk. After every
 * opening all of them are sent again, in order and one by one, so history keeps each keystroke. Updates by others are kept
 * with their vouchers until they are on the server's disk, too; those that it lost in a crash are brought back among the
 * own ones (catch-up.ts), without a number: they are found anew at every opening. Frames of an older link must not be
 * handed over after `disconnected`.
 */
import * as Y from 'yjs';
import { type LocalOrigin, offlineOrigin } from '../history/entry.ts';
import { type Brought, catchUp } from './catch-up.ts';
import type { VouchedUpdate, Voucher } from './voucher.ts';

/** A local change that is not yet known to be on the server's disk. */
export interface PendingUpdate {
  /** Counted per replica from 1, without gaps. */
  readonly n: number;
  readonly bytes: Uint8Array;
  readonly origin: LocalOrigin;
}

/** What a replica's storage keeps: enough to go on after the tab was closed. See `persisted` for how it changes. */
export interface StoredReplica {
  /** Names the history that the replica belongs to; null before it was ever opened. */
  readonly epoch: string | null;
  /** Highest number known as saved. */
  readonly acked: number;
  /** Applied in order they give the document (without `pending`). */
  readonly updates: readonly Uint8Array[];
  readonly pending: readonly PendingUpdate[];
  /** Part of `updates`, by others, in the server's order. */
  readonly vouched: readonly VouchedUpdate[];
}

export const emptyStoredReplica: StoredReplica = {
  epoch: null,
  acked: 0,
  updates: [],
  pending: [],
  vouched: [],
};

export type PersistChange =
  /** Append to `pending`. The one write that must not wait: it is the user's typing. */
  | { readonly p: 'local'; readonly update: PendingUpdate }
  /** Append to `updates`. */
  | { readonly p: 'remote'; readonly bytes: Uint8Array }
  /** Takes the place of `vouched`. */
  | { readonly p: 'vouched'; readonly vouched: readonly VouchedUpdate[] }
  /** Pending ones up to `n` move to the end of `updates`. */
  | { readonly p: 'saved'; readonly n: number }
  /** Replaces everything (now and then, to keep the list of updates short). */
  | { readonly p: 'all'; readonly stored: StoredReplica };

export type ReplicaPhase = 'offline' | 'opening' | 'open' | 'ended';

export interface ReplicaStatus {
  readonly phase: ReplicaPhase;
  /** The word on the badge. */
  readonly word: 'saved' | 'saving' | 'offline';
  /** Changes that are only here. */
  readonly unsaved: number;
  /** What the server said at the last opening; false before. */
  readonly mayEdit: boolean;
  readonly epoch: string | null;
}

/** Why a replica cannot go on: the server keeps another history, or does not take the edits. */
export interface ReplicaEnd {
  readonly why: 'epoch' | 'rejected';
  /** Changes that never reached the server; when not empty, offer the old doc's text as a copy. */
  readonly lost: readonly PendingUpdate[];
}

export interface OpenRequest {
  /** Hand it back to `opened`: an answer to an older request is not taken. */
  readonly attempt: number;
  readonly epoch: string | null;
  /** `doc.open`'s `n`. */
  readonly n: number;
  /** `doc.open`'s payload. */
  readonly vector: Uint8Array;
}

export interface UpdateBatch {
  /** Number of the last one: `doc.update`'s `n`. */
  readonly n: number;
  readonly updates: readonly Uint8Array[];
  readonly origins: readonly LocalOrigin[];
}

/** Updates by others that the server had and lost, in an order in which it can place them. */
export interface RecoveryBatch {
  readonly updates: readonly Uint8Array[];
  /** One per update; null: nobody vouches for it. */
  readonly vouchers: readonly (Voucher | null)[];
}

export interface ReplicaEffects {
  sendOpen(open: OpenRequest): void;
  sendUpdates(batch: UpdateBatch): void;
  sendRecovery(batch: RecoveryBatch): void;
  persist(change: PersistChange): void;
  statusChanged(status: ReplicaStatus): void;
  ended(end: ReplicaEnd): void;
}

export interface ReplicaOptions {
  readonly stored?: StoredReplica;
  /** What kind of edit a local transaction was, from its origin. Default: all are typing. */
  readonly originOf?: (transactionOrigin: unknown) => LocalOrigin;
}

export interface Opened {
  readonly epoch: string;
  readonly mayEdit: boolean;
  /** Number of the last entry of the server's history. */
  readonly seq: number;
  /** parts[0] of the payload. */
  readonly vector: Uint8Array;
  /** parts[1] of the payload. */
  readonly update: Uint8Array;
  /** The rest of the payload: those of the updates in it that are not on the server's disk, and who made each. */
  readonly fresh: readonly Uint8Array[];
  readonly vouchers: readonly Voucher[];
}

/** `doc.update`. */
export interface Received {
  readonly updates: readonly Uint8Array[];
  /** Who made each. */
  readonly vouchers: readonly Voucher[];
  /** Number in the history of the last of them. */
  readonly seq: number;
  /** The history is on the server's disk up to this number. */
  readonly durable: number;
}

/** Limits of one frame with updates. */
const batchUpdates = 1_000;
const batchBytes = 1_000_000;
/** Stored updates after which the storage is written anew as one. */
const compactAfter = 500;
/** Updates by others that are kept with their vouchers: those of a few milliseconds, more while the server's disk refuses. */
const mostVouched = 1_000;
const mostVouchedBytes = 1_000_000;
/** After so many openings without effect what is pending cannot be placed (a damaged storage): it is handed over. */
const mostFruitless = 20;

export class Replica {
  readonly doc: Y.Doc;
  readonly #effects: ReplicaEffects;
  readonly #originOf: (transactionOrigin: unknown) => LocalOrigin;
  readonly #onUpdate: (bytes: Uint8Array, origin: unknown) => void;
  #phase: ReplicaPhase = 'offline';
  #epoch: string | null;
  #acked: number;
  #pending: PendingUpdate[];
  #vouched: readonly VouchedUpdate[];
  #mayEdit = false;
  #attempt = 0;
  #storedUpdates: number;
  /** Openings in a row after which nothing was saved. */
  #fruitless = 0;

  /** Fills `doc` with what was stored. */
  constructor(doc: Y.Doc, effects: ReplicaEffects, options: ReplicaOptions = {}) {
    const stored = options.stored ?? emptyStoredReplica;
    this.doc = doc;
    this.#effects = effects;
    this.#originOf = options.originOf ?? (() => 'typing');
    this.#epoch = stored.epoch;
    // A storage may forget how far things were saved, or lose one row: the numbers must go on without a gap.
    this.#acked = Math.max(stored.acked, (stored.pending[0]?.n ?? 0) - 1);
    this.#pending = stored.pending.map((update, i) => ({ ...update, n: this.#acked + 1 + i }));
    this.#vouched = stored.vouched;
    this.#storedUpdates = stored.updates.length;
    doc.transact(() => {
      for (const bytes of stored.updates) Y.applyUpdate(doc, bytes, this);
      for (const { bytes } of stored.pending) Y.applyUpdate(doc, bytes, this);
    }, this);
    this.#onUpdate = (bytes, origin) => this.#changed(bytes, origin);
    doc.on('update', this.#onUpdate);
    if (this.#pending.some(({ n }, i) => n !== stored.pending[i]?.n)) this.#compact();
  }

  get status(): ReplicaStatus {
    const unsaved = this.#pending.length;
    return {
      phase: this.#phase,
      word: this.#phase === 'offline' ? 'offline' : unsaved > 0 ? 'saving' : 'saved',
      unsaved,
      mayEdit: this.#mayEdit,
      epoch: this.#epoch,
    };
  }

  get pending(): readonly PendingUpdate[] {
    return this.#pending;
  }

  /** What the storage should hold now. */
  stored(): StoredReplica {
    return {
      epoch: this.#epoch,
      acked: this.#acked,
      updates: [Y.encodeStateAsUpdate(this.doc)],
      pending: [...this.#pending],
      vouched: this.#vouched,
    };
  }

  /** Stops listening; for a tab that closes the document. Not needed after `ended`. */
  dispose(): void {
    this.doc.off('update', this.#onUpdate);
    this.#phase = 'ended';
  }

  // ---- what happened

  /** There is a link; also after every reconnect. */
  connected(): void {
    if (this.#phase !== 'offline') return;
    this.#open();
  }

  disconnected(): void {
    if (this.#phase === 'ended' || this.#phase === 'offline') return;
    this.#phase = 'offline';
    this.#tell();
  }

  /** `doc.opened` for the request number `attempt`. */
  opened(attempt: number, answer: Opened): void {
    if (this.#phase !== 'opening' || attempt !== this.#attempt) return;
    if (this.#epoch !== null && this.#epoch !== answer.epoch) {
      this.#end('epoch');
      return;
    }
    const hadContent = this.doc.store.clients.size > 0;
    const isFirst = this.#epoch === null;
    this.#epoch = answer.epoch;
    this.#mayEdit = answer.mayEdit;
    Y.applyUpdate(this.doc, answer.update, this);
    // What still waits for text that came before it waits for what the server lost in a crash: it would wait for ever,
    // and go out again with what this replica brings back, where no server could place it.
    this.doc.store.pendingStructs = null;
    this.doc.store.pendingDs = null;
    if (isFirst) this.#compact();
    this.#phase = 'open';
    const brought = hadContent
      ? catchUp(this.doc, answer, this.#pending, this.#vouched)
      : this.#pending.map((update): Brought<PendingUpdate> => ({ what: 'own', update }));
    // What nobody vouches for is an edit of who brings it.
    this.#send(answer.mayEdit ? brought : brought.filter(({ what }) => what !== 'rest'));
    this.#lost(answer.seq, brought);
    this.#keepVouched(this.#withFresh(answer.fresh, answer.vouchers, answer.seq));
    this.#tell();
  }

  /** `doc.update`: one or several updates by others. */
  received({ updates, vouchers, seq, durable }: Received): void {
    if (this.#phase !== 'open') return;
    const [only] = updates;
    if (only && updates.length === 1) Y.applyUpdate(this.doc, only, this);
    else this.doc.transact(() => updates.forEach((bytes) => Y.applyUpdate(this.doc, bytes, this)), this);
    this.#keepVouched(withoutDurable(this.#withFresh(updates, vouchers, seq), durable));
  }

  /** `doc.saved`: up to the own number `n`, and `durable` in the history. */
  saved(n: number, durable: number): void {
    if (this.#phase === 'ended') return;
    this.#keepVouched(withoutDurable(this.#vouched, durable));
    if (n <= this.#acked) return;
    this.#acked = n;
    this.#fruitless = 0;
    const before = this.#pending.length;
    this.#pending = this.#pending.filter((update) => update.n > n);
    this.#storedUpdates += before - this.#pending.length;
    this.#effects.persist({ p: 'saved', n });
    this.#compactWhenLong();
    this.#tell();
  }

  /** `doc.resync`, or the link lost frames. */
  resync(): void {
    if (this.#phase !== 'open' && this.#phase !== 'opening') return;
    this.#fruitless = this.#pending.length > 0 ? this.#fruitless + 1 : 0;
    if (this.#fruitless > mostFruitless) this.#end('rejected');
    else this.#open();
  }

  /** `doc.rejected`. */
  rejected(): void {
    if (this.#phase === 'ended') return;
    this.#end('rejected');
  }

  // ---- what follows

  #open(): void {
    this.#phase = 'opening';
    this.#attempt += 1;
    this.#effects.sendOpen({
      attempt: this.#attempt,
      epoch: this.#epoch,
      n: this.#acked,
      vector: Y.encodeStateVector(this.doc),
    });
    this.#tell();
  }

  #changed(bytes: Uint8Array, origin: unknown): void {
    if (origin === this) {
      this.#storedUpdates += 1;
      this.#effects.persist({ p: 'remote', bytes });
      this.#compactWhenLong();
      return;
    }
    const made = this.#originOf(origin);
    this.#addPending(bytes, this.#phase === 'open' ? made : offlineOrigin(made));
    this.#tell();
  }

  #addPending(bytes: Uint8Array, origin: LocalOrigin): void {
    const n = (this.#pending.at(-1)?.n ?? this.#acked) + 1;
    const update: PendingUpdate = { n, bytes, origin };
    this.#pending.push(update);
    this.#effects.persist({ p: 'local', update });
    if (this.#phase === 'open') this.#effects.sendUpdates({ n, updates: [bytes], origins: [origin] });
  }

  #send(brought: readonly Brought<PendingUpdate>[]): void {
    for (const batch of batchesOf(brought)) {
      const updates = batch.map((each) => (each.what === 'rest' ? each.bytes : each.update.bytes));
      const own = batch.flatMap((each) => (each.what === 'own' ? [each.update] : []));
      const last = own.at(-1);
      if (last) this.#effects.sendUpdates({ n: last.n, updates, origins: own.map(({ origin }) => origin) });
      else {
        const vouchers = batch.map((each) => (each.what === 'vouched' ? each.update.voucher : null));
        this.#effects.sendRecovery({ updates, vouchers });
      }
    }
  }

  #withFresh(
    updates: readonly Uint8Array[],
    vouchers: readonly Voucher[],
    seq: number,
  ): readonly VouchedUpdate[] {
    const after = this.#pending.at(-1)?.n ?? this.#acked;
    const fresh = updates.flatMap((bytes, i) => {
      const voucher = vouchers[i];
      return voucher ? [{ seq, after, bytes, voucher }] : [];
    });
    const seals = new Set(fresh.map(({ voucher }) => voucher.seal));
    return [...this.#vouched.filter(({ voucher }) => !seals.has(voucher.seal)), ...fresh];
  }

  /** The server's numbers of what it has lost are, or will be, those of other entries. */
  #lost(seq: number, brought: readonly Brought<PendingUpdate>[]): void {
    const again = new Set(brought.flatMap((each) => (each.what === 'vouched' ? [each.update] : [])));
    if (!this.#vouched.some((update) => again.has(update) || (update.seq ?? 0) > seq)) return;
    this.#keepVouched(
      this.#vouched.map((update) =>
        again.has(update) || (update.seq ?? 0) > seq ? { ...update, seq: null } : update,
      ),
    );
  }

  #keepVouched(vouched: readonly VouchedUpdate[]): void {
    const before = this.#vouched;
    if (vouched.length === before.length && vouched.every((update, i) => update === before[i])) return;
    let [first, bytes] = [vouched.length, 0];
    while (first > 0 && vouched.length - first < mostVouched && bytes < mostVouchedBytes) {
      first -= 1;
      bytes += vouched[first]?.bytes.length ?? 0;
    }
    this.#vouched = vouched.slice(first);
    this.#effects.persist({ p: 'vouched', vouched: this.#vouched });
  }

  #end(why: ReplicaEnd['why']): void {
    const lost = this.#pending;
    this.dispose();
    this.#pending = [];
    this.#tell();
    this.#effects.ended({ why, lost });
  }

  #compactWhenLong(): void {
    if (this.#storedUpdates > compactAfter) this.#compact();
  }

  #compact(): void {
    this.#storedUpdates = 1;
    this.#effects.persist({ p: 'all', stored: this.stored() });
  }

  #tell(): void {
    this.#effects.statusChanged(this.status);
  }
}

/** How a storage changes, as a value: the rule that the browser's storage and the simulation's follow. */
export function persisted(stored: StoredReplica, change: PersistChange): StoredReplica {
  switch (change.p) {
    case 'local':
      return { ...stored, pending: [...stored.pending, change.update] };
    case 'remote':
      return { ...stored, updates: [...stored.updates, change.bytes] };
    case 'vouched':
      return { ...stored, vouched: change.vouched };
    case 'saved': {
      const done = stored.pending.filter((update) => update.n <= change.n);
      return {
        ...stored,
        acked: change.n,
        updates: [...stored.updates, ...done.map((update) => update.bytes)],
        pending: stored.pending.filter((update) => update.n > change.n),
      };
    }
    case 'all':
      return change.stored;
  }
}

/** What goes into one frame each: own updates in theirs, the others' in theirs. */
function batchesOf(brought: readonly Brought<PendingUpdate>[]): Brought<PendingUpdate>[][] {
  const batches: Brought<PendingUpdate>[][] = [];
  let size = 0;
  for (const each of brought) {
    const last = batches.at(-1);
    const bytes = each.what === 'rest' ? each.bytes : each.update.bytes;
    const isSameKind = last !== undefined && (last[0]?.what === 'own') === (each.what === 'own');
    if (isSameKind && last.length < batchUpdates && size + bytes.length <= batchBytes) last.push(each);
    else {
      batches.push([each]);
      size = 0;
    }
    size += bytes.length;
  }
  return batches;
}

function withoutDurable(vouched: readonly VouchedUpdate[], durable: number): readonly VouchedUpdate[] {
  return vouched.filter(({ seq }) => seq === null || seq > durable);
}
