/**
 * What this browser keeps of documents (IndexedDB): the known state of each, unsent edits one by one, and the last
 * live document. The server's copy is the truth; this one makes opening instant and keeps typing while offline.
 * Unsent edits are kept per tab, so that two tabs of one document never take each other's for their own.
 */
import type { LiveNotebook } from '@cahier/core/runs/live.ts';
import type { VouchedUpdate } from '@cahier/core/rooms/voucher.ts';
import type { ClientOrigin } from '@cahier/protocol/client/up.ts';
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

/** One document as it was when last seen. `replica` names the Y state: document and epoch. */
export interface DocumentRow {
  readonly project: string;
  readonly path: string;
  readonly doc: string;
  readonly kind: 'notebook' | 'text';
  readonly epoch: string;
  readonly mayEdit: boolean;
  readonly openedAt: number;
  readonly live?: LiveNotebook;
}

export interface PendingRow {
  readonly replica: string;
  readonly tab: string;
  readonly n: number;
  readonly origin: ClientOrigin;
  readonly bytes: Uint8Array;
}

/** What a tab has of others that is not known to be on the server's disk. */
export interface VouchedRow {
  readonly replica: string;
  readonly tab: string;
  readonly vouched: readonly VouchedUpdate[];
}

interface Schema extends DBSchema {
  documents: { key: [string, string]; value: DocumentRow };
  updates: { key: number; value: { replica: string; bytes: Uint8Array }; indexes: { replica: string } };
  pending: { key: [string, string, number]; value: PendingRow; indexes: { replica: string } };
  vouched: { key: [string, string]; value: VouchedRow; indexes: { replica: string } };
}

export interface KeptReplica {
  readonly updates: readonly Uint8Array[];
  readonly pending: readonly PendingRow[];
  /** By tab, each in the server's order. */
  readonly vouched: readonly VouchedRow[];
}

export function replicaName(row: { readonly doc: string; readonly epoch: string }): string {
  return `${row.doc}/${row.epoch}`;
}

/** More rows than this are joined into one when a document is opened. */
const tooManyUpdates = 100;

export class ReplicaStorage {
  readonly #db: IDBPDatabase<Schema>;

  constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  /** Rejects when the browser keeps nothing (private windows of some browsers, full disk). */
  static async open(name = 'cahier'): Promise<ReplicaStorage> {
    const db: IDBPDatabase<Schema> = await openDB<Schema>(name, 2, {
      // A newer page waits for this one's storage: it would wait for as long as this tab is open.
      blocking: () => db.close(),
      upgrade(fresh, version) {
        if (version < 1) {
          fresh.createObjectStore('documents', { keyPath: ['project', 'path'] });
          fresh.createObjectStore('updates', { autoIncrement: true }).createIndex('replica', 'replica');
          fresh
            .createObjectStore('pending', { keyPath: ['replica', 'tab', 'n'] })
            .createIndex('replica', 'replica');
        }
        fresh.createObjectStore('vouched', { keyPath: ['replica', 'tab'] }).createIndex('replica', 'replica');
      },
    });
    return new ReplicaStorage(db);
  }

  document(project: string, path: string): Promise<DocumentRow | undefined> {
    return this.#db.get('documents', [project, path]);
  }

  /** Documents of a project that can be opened without the server, most recent first. */
  async documentsOf(project: string): Promise<DocumentRow[]> {
    const all = await this.#db.getAll('documents', IDBKeyRange.bound([project], [project, []]));
    return all.sort((a, b) => b.openedAt - a.openedAt);
  }

  async putDocument(row: DocumentRow): Promise<void> {
    await this.#db.put('documents', row);
  }

  async load(replica: string, join: (updates: readonly Uint8Array[]) => Uint8Array): Promise<KeptReplica> {
    const tx = this.#db.transaction(['updates', 'pending', 'vouched'], 'readwrite');
    const updates = tx.objectStore('updates');
    const rows = (await updates.index('replica').getAll(replica)).map((row) => row.bytes);
    if (rows.length > tooManyUpdates) {
      const joined = join(rows);
      for (const key of await updates.index('replica').getAllKeys(replica)) await updates.delete(key);
      await updates.add({ replica, bytes: joined });
    }
    const pending = await tx.objectStore('pending').index('replica').getAll(replica);
    const vouched = await tx.objectStore('vouched').index('replica').getAll(replica);
    await tx.done;
    return { updates: rows, pending, vouched };
  }

  /** In one transaction: an unsent edit is never kept without what it was typed upon. `vouched`: null, as before. */
  async keep(
    replica: string,
    known: readonly Uint8Array[],
    pending: readonly PendingRow[],
    gone: readonly PendingRow[],
    vouched: VouchedRow | null = null,
  ): Promise<void> {
    const tx = this.#db.transaction(['updates', 'pending', 'vouched'], 'readwrite');
    if (vouched && vouched.vouched.length > 0) void tx.objectStore('vouched').put(vouched);
    else if (vouched) void tx.objectStore('vouched').delete([vouched.replica, vouched.tab]);
    for (const bytes of known) void tx.objectStore('updates').add({ replica, bytes });
    for (const row of pending) void tx.objectStore('pending').put(row);
    for (const row of gone) void tx.objectStore('pending').delete([row.replica, row.tab, row.n]);
    await tx.done;
  }

  /** Forgets a replica that cannot be merged any more. */
  async drop(replica: string): Promise<void> {
    const tx = this.#db.transaction(['updates', 'pending', 'vouched'], 'readwrite');
    for (const name of ['updates', 'pending', 'vouched'] as const) {
      const store = tx.objectStore(name);
      let cursor = await store.index('replica').openCursor(replica);
      while (cursor) {
        await cursor.delete();
        cursor = await cursor.continue();
      }
    }
    await tx.done;
  }

  /** Removes documents not opened since `before` (ms) that have nothing unsent. */
  async forgetOld(before: number): Promise<void> {
    for (const row of await this.#db.getAll('documents')) {
      if (row.openedAt >= before) continue;
      const replica = replicaName(row);
      if ((await this.#db.countFromIndex('pending', 'replica', replica)) > 0) continue;
      await this.drop(replica);
      await this.#db.delete('documents', [row.project, row.path]);
    }
  }

  close(): void {
    this.#db.close();
  }
}
