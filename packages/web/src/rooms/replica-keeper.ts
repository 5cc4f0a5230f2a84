/**
 * Writes one replica to the browser's storage behind the typing: own edits at once, the others' soon, the live
 * document now and then. A failing storage never stops the typing; it is told (`trouble`) and shown as a banner.
 */
import type { LiveNotebook } from '@cahier/core/runs/live.ts';
import type { PendingUpdate, PersistChange } from '@cahier/core/rooms/replica.ts';
import type { VouchedUpdate } from '@cahier/core/rooms/voucher.ts';
import * as Y from 'yjs';
import { type DocumentRow, type PendingRow, type ReplicaStorage, replicaName } from './replica-storage.ts';
import type { Store } from './store.ts';

const soonMs = 300;
const nowAndThenMs = 3_000;

export class ReplicaKeeper {
  readonly #replica: string;
  readonly #tab: string;
  readonly #storage: ReplicaStorage | null;
  readonly #trouble: Store<string | null>;
  #row: DocumentRow;
  /** Own edits that are kept or about to be, until the server has them. */
  #pending = new Map<number, PendingRow>();
  #freshKnown: Uint8Array[] = [];
  #freshPending: PendingRow[] = [];
  #gone: PendingRow[] = [];
  /** To be written; null: it is. */
  #freshVouched: readonly VouchedUpdate[] | null = null;
  #isRowDirty = false;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isQueued = false;
  readonly #onHide = () => {
    if (document.visibilityState === 'hidden') this.#writeSoon(0);
  };

  constructor(options: {
    row: DocumentRow;
    tab: string;
    pending: readonly PendingRow[];
    storage: ReplicaStorage | null;
    trouble: Store<string | null>;
  }) {
    this.#row = options.row;
    this.#replica = replicaName(options.row);
    this.#tab = options.tab;
    this.#storage = options.storage;
    this.#trouble = options.trouble;
    for (const row of options.pending) this.#pending.set(row.n, row);
    if (this.#storage) document.addEventListener('visibilitychange', this.#onHide);
  }

  persist(change: PersistChange): void {
    switch (change.p) {
      case 'local':
        this.#keepPending(change.update);
        this.#writeSoon(0);
        break;
      case 'remote':
        this.#freshKnown.push(change.bytes);
        this.#writeSoon(soonMs);
        break;
      case 'vouched':
        this.#freshVouched = change.vouched;
        this.#writeSoon(soonMs);
        break;
      case 'saved':
        for (const [n, row] of this.#pending) if (n <= change.n) this.#done(row);
        this.#writeSoon(soonMs);
        break;
      case 'all':
        // The shared list of updates is joined when a document is loaded; other tabs may be writing to it now.
        this.#freshKnown = [...change.stored.updates];
        this.#replacePending(change.stored.pending);
        this.#freshVouched = change.stored.vouched;
        this.#writeSoon(soonMs);
        break;
    }
  }

  row(row: DocumentRow): void {
    this.#row = this.#row.live ? { ...row, live: this.#row.live } : row;
    this.#isRowDirty = true;
    this.#writeSoon(soonMs);
  }

  live(live: LiveNotebook): void {
    this.#row = { ...this.#row, live };
    this.#isRowDirty = true;
    this.#later ??= setTimeout(() => this.#writeSoon(0), nowAndThenMs);
  }

  /** Resolves when everything handed over so far is kept (or could not be). */
  async settled(): Promise<void> {
    this.#writeSoon(0);
    await this.#writing;
  }

  dispose(): void {
    document.removeEventListener('visibilitychange', this.#onHide);
    this.#writeSoon(0);
  }

  #keepPending(update: Omit<PendingRow, 'replica' | 'tab'>): void {
    const row: PendingRow = { replica: this.#replica, tab: this.#tab, ...update };
    this.#pending.set(row.n, row);
    this.#freshPending.push(row);
  }

  /** Numbers may have changed: what is gone under its number goes, what is new under one is written. */
  #replacePending(pending: readonly PendingUpdate[]): void {
    const wanted = new Map(pending.map((update) => [update.n, update]));
    for (const [n, row] of this.#pending) {
      if (wanted.get(n)?.bytes === row.bytes) continue;
      this.#pending.delete(n);
      this.#freshPending = this.#freshPending.filter((fresh) => fresh.n !== n);
      if (!wanted.has(n)) this.#gone.push(row);
    }
    for (const update of pending) if (!this.#pending.has(update.n)) this.#keepPending(update);
  }

  #done(row: PendingRow): void {
    this.#pending.delete(row.n);
    this.#freshPending = this.#freshPending.filter((fresh) => fresh.n !== row.n);
    this.#freshKnown.push(row.bytes);
    this.#gone.push(row);
  }

  #writeSoon(ms: number): void {
    if (!this.#storage) return;
    if (ms > 0) {
      this.#soon ??= setTimeout(() => this.#writeSoon(0), ms);
      return;
    }
    clearTimeout(this.#soon);
    clearTimeout(this.#later);
    this.#soon = undefined;
    this.#later = undefined;
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#writing = this.#writing.then(() => this.#write());
  }

  async #write(): Promise<void> {
    this.#isQueued = false;
    const storage = this.#storage;
    if (!storage) return;
    const [known, pending, gone] = [this.#freshKnown, this.#freshPending, this.#gone];
    const vouched = this.#freshVouched;
    const row = this.#isRowDirty ? this.#row : null;
    this.#freshKnown = [];
    this.#freshPending = [];
    this.#gone = [];
    this.#freshVouched = null;
    this.#isRowDirty = false;
    try {
      if (known.length + pending.length + gone.length > 0 || vouched) {
        const joined = known.length > 1 ? [Y.mergeUpdates(known)] : known;
        const row = vouched && { replica: this.#replica, tab: this.#tab, vouched };
        await storage.keep(this.#replica, joined, pending, gone, row);
      }
      if (row) await storage.putDocument(row);
      this.#trouble.set(null);
    } catch (error) {
      this.#freshKnown.unshift(...known);
      this.#freshPending.unshift(...pending);
      this.#gone.unshift(...gone);
      this.#freshVouched ??= vouched;
      this.#isRowDirty ||= row !== null;
      this.#trouble.set(error instanceof Error ? error.message : 'storage refused');
    }
  }
}
