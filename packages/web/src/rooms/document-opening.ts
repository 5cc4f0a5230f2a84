/**
 * Brings a document to the screen and keeps it there: first from what the browser kept (at once, also offline), then
 * from the server. When a session cannot go on (another history, rights changed), a new one stands in its place; text
 * that cannot be merged is handed to the reader, never dropped.
 */
import type { AppError } from '@cahier/base/app-error.ts';
import { assertNever } from '@cahier/base/assert-never.ts';
import type { StoredReplica } from '@cahier/core/rooms/replica.ts';
import { emptyStoredReplica } from '@cahier/core/rooms/replica.ts';
import { fromWireError } from '@cahier/protocol/wire-error.ts';
import * as Y from 'yjs';
import { toAppError } from '../link/to-app-error.ts';
import { DocumentSession, type ServerAnswer, type SessionLoss } from './document-session.ts';
import { type KeptFile, keptFile } from './kept-file.ts';
import { loadReplica } from './load-replica.ts';
import type { ProjectLink } from '../link/project-link.ts';
import { ReplicaKeeper } from './replica-keeper.ts';
import { type DocumentRow, type ReplicaStorage, replicaName } from './replica-storage.ts';
import { storageTrouble } from './storage-trouble.ts';
import { type Readable, Store } from './store.ts';

export type Opening =
  | { readonly phase: 'loading'; readonly isOffline: boolean }
  | { readonly phase: 'open'; readonly session: DocumentSession }
  | { readonly phase: 'refused'; readonly error: AppError; readonly text: string | null }
  | { readonly phase: 'failed'; readonly error: AppError };

/** Unsent text that could not be merged, offered as a file. */
export interface Rescue {
  readonly reason: string;
  readonly file: KeptFile;
}

/** What the documents of a project share in this tab (project-rooms.ts). */
export interface SharedRooms {
  readonly link: ProjectLink;
  readonly storage: Promise<ReplicaStorage | null>;
  /** Highest number known as saved, by replica. */
  readonly acked: Map<string, number>;
}

const textOf = new TextDecoder();

export class DocumentOpening {
  readonly path: string;
  readonly #rooms: SharedRooms;
  readonly #state = new Store<Opening>({ phase: 'loading', isOffline: false });
  readonly #rescue = new Store<Rescue | null>(null);
  #storage: ReplicaStorage | null = null;
  #session: DocumentSession | null = null;
  #isDisposed = false;
  #isAsking = false;
  readonly #stopLink: () => void;

  constructor(rooms: SharedRooms, path: string) {
    this.#rooms = rooms;
    this.path = path;
    this.#stopLink = rooms.link.state.subscribe(() => this.#linkChanged());
    void this.#start();
  }

  get state(): Readable<Opening> {
    return this.#state;
  }
  get rescue(): Readable<Rescue | null> {
    return this.#rescue;
  }

  dismissRescue(): void {
    this.#rescue.set(null);
  }

  /** Asks the server again after a failure. */
  retry(): void {
    this.#rooms.link.retryNow();
    if (this.#session) return;
    this.#state.set({ phase: 'loading', isOffline: !this.#rooms.link.isOpen });
    void this.#ask();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stopLink();
    this.#leave();
  }

  async #start(): Promise<void> {
    this.#storage = await this.#rooms.storage;
    const { link } = this.#rooms;
    const row = await this.#storage?.document(link.project, this.path).catch(() => undefined);
    if (this.#storage && row) {
      const ydoc = new Y.Doc();
      const acked = this.#rooms.acked.get(replicaName(row)) ?? 0;
      const stored = await loadReplica(this.#storage, row, link.tab, acked).catch(() => null);
      if (stored && !this.#isDisposed) this.#begin(row, ydoc, stored);
    }
    this.#linkChanged();
  }

  /** The first time, without a copy of our own; later the session asks by itself. */
  async #ask(): Promise<void> {
    if (this.#isAsking || this.#session || !this.#rooms.link.isOpen) return;
    this.#isAsking = true;
    try {
      const { frame, payload } = await this.#rooms.link.request({ t: 'doc.open', path: this.path });
      if (this.#isDisposed) return;
      if (frame.t === 'doc.opened') {
        const { doc, path, kind, epoch, mayEdit } = frame;
        const row = {
          project: this.#rooms.link.project,
          path,
          doc,
          kind,
          epoch,
          mayEdit,
          openedAt: Date.now(),
        };
        const acked = this.#rooms.acked.get(replicaName(row)) ?? 0;
        this.#begin(row, new Y.Doc(), { ...emptyStoredReplica, acked }, { frame, payload });
      } else if (frame.t === 'doc.refused') {
        const text = frame.isText ? textOf.decode(payload) : null;
        this.#state.set({ phase: 'refused', error: fromWireError(frame.error), text });
      }
    } catch (cause) {
      const error = toAppError(cause);
      const isCut = error.code === 'link/offline' || error.code === 'link/cut';
      if (!isCut && !this.#isDisposed) this.#state.set({ phase: 'failed', error });
    } finally {
      this.#isAsking = false;
    }
  }

  #begin(row: DocumentRow, ydoc: Y.Doc, stored: StoredReplica, answer?: ServerAnswer): void {
    const { link } = this.#rooms;
    const replica = replicaName(row);
    const pending = stored.pending.map((update) => ({ replica, tab: link.tab, ...update }));
    const keeper = new ReplicaKeeper({
      row,
      tab: link.tab,
      pending,
      storage: this.#storage,
      trouble: storageTrouble,
    });
    const session = new DocumentSession({
      row,
      ydoc,
      stored,
      link,
      keeper,
      onLoss: (loss) => this.#lost(session, row, loss),
    });
    this.#session = session;
    this.#state.set({ phase: 'open', session });
    session.begin(answer);
  }

  #linkChanged(): void {
    if (this.#isDisposed || this.#session) return;
    if (this.#state.get().phase === 'loading') {
      this.#state.set({ phase: 'loading', isOffline: this.#rooms.link.state.get().phase === 'waiting' });
    }
    void this.#ask();
  }

  #lost(session: DocumentSession, row: DocumentRow, loss: SessionLoss): void {
    if (session !== this.#session || this.#isDisposed) return;
    switch (loss.why) {
      case 'rights': {
        const { ydoc, unfinished, mayEdit, path } = session;
        this.#leave();
        this.#begin({ ...row, mayEdit, path }, ydoc, unfinished);
        break;
      }
      case 'replaced':
        this.#rescueUnsent(
          session,
          'Another file has taken this name; your unsent changes were to the old one.',
        );
        this.#leave();
        this.#state.set({ phase: 'loading', isOffline: false });
        void this.#ask();
        break;
      case 'end': {
        if (loss.end.lost.length > 0) this.#rescueText(session, loss.message);
        this.#leave();
        this.#state.set({ phase: 'loading', isOffline: false });
        const dropped = this.#storage?.drop(replicaName(row)).catch(() => undefined);
        void Promise.resolve(dropped).then(() => this.#ask());
        break;
      }
      case 'closed':
      case 'failed':
        this.#rescueUnsent(session, loss.error.message);
        this.#leave();
        this.#state.set({ phase: 'failed', error: loss.error });
        break;
      case 'refused':
        this.#rescueUnsent(session, loss.error.message);
        this.#leave();
        this.#state.set({ phase: 'refused', error: loss.error, text: loss.text });
        break;
      default:
        assertNever(loss);
    }
  }

  #rescueUnsent(session: DocumentSession, reason: string): void {
    if (session.status.get().unsent > 0) this.#rescueText(session, reason);
  }

  #rescueText(session: DocumentSession, reason: string): void {
    this.#rescue.set({ reason, file: keptFile(session.ydoc, session.kind, session.path) });
  }

  #leave(): void {
    const session = this.#session;
    if (!session) return;
    this.#session = null;
    const replica = replicaName({ doc: session.doc, epoch: session.epoch });
    this.#rooms.acked.set(replica, session.unfinished.acked);
    session.dispose();
  }
}
