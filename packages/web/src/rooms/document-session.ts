/**
 * One open document in this tab: its Yjs replica, live document, presence, and the way of every local edit to the
 * server's disk. It is made from what the browser kept or from the server's answer (document-opening.ts) and lives on
 * through cuts. It never shows anything and never decides rights: `mayEdit` only reflects the server. The rules of
 * sync are core/rooms/replica.ts; this class carries out what the replica asks for.
 */
import type { AppError } from '@cahier/base/app-error.ts';
import { DisposableStore } from '@cahier/base/disposable.ts';
import { asDocumentId, type BlobHash, type DocumentId, type ProjectId } from '@cahier/base/ids.ts';
import type { Json } from '@cahier/base/json.ts';
import { appError } from '@cahier/core/errors.ts';
import {
  type OpenRequest,
  Replica,
  type ReplicaEnd,
  type StoredReplica,
} from '@cahier/core/rooms/replica.ts';
import type { DownFrameOf, FileState } from '@cahier/protocol/client/down.ts';
import { joinPayload, splitPayload } from '@cahier/protocol/frame.ts';
import { fromWireError } from '@cahier/protocol/wire-error.ts';
import type * as Y from 'yjs';
import type { ProjectLink, Received, RequestFrame } from '../link/project-link.ts';
import { toAppError } from '../link/to-app-error.ts';
import { blobUrl, fileUrl } from '../link/urls.ts';
import { clientOriginOf } from './client-origin.ts';
import { LiveStore } from './live-store.ts';
import { PresenceStore } from './presence-store.ts';
import type { ReplicaKeeper } from './replica-keeper.ts';
import type { DocumentRow } from './replica-storage.ts';
import { type Readable, Store } from './store.ts';
import { type SyncStatus, syncStatus } from './sync-status.ts';

type DocumentRequests = Extract<RequestFrame, { doc: DocumentId }>;
type WithoutDoc<F> = F extends unknown ? Omit<F, 'doc'> & { readonly doc?: DocumentId } : never;
/** A request about this document; `doc` is filled in. */
export type SessionRequest = WithoutDoc<DocumentRequests>;

/** Why a session cannot go on: the opening begins a new one, or says so on the screen. */
export type SessionLoss =
  | { readonly why: 'end'; readonly end: ReplicaEnd; readonly message: string }
  | { readonly why: 'rights' }
  /** Another document is at this path now. */
  | { readonly why: 'replaced' }
  | { readonly why: 'closed'; readonly error: AppError }
  | { readonly why: 'failed'; readonly error: AppError }
  | { readonly why: 'refused'; readonly error: AppError; readonly text: string | null };

/** What a session needs of the link. */
export type SessionLink = Pick<
  ProjectLink,
  'project' | 'tab' | 'isOpen' | 'state' | 'on' | 'send' | 'request'
>;
/** What a session needs of the browser's storage. */
export type SessionKeeper = Pick<ReplicaKeeper, 'persist' | 'row' | 'live' | 'dispose'>;

export interface SessionOptions {
  readonly row: DocumentRow;
  readonly ydoc: Y.Doc;
  readonly stored: StoredReplica;
  readonly link: SessionLink;
  readonly keeper: SessionKeeper;
  readonly onLoss: (loss: SessionLoss) => void;
}

export interface ServerAnswer {
  readonly frame: DownFrameOf<'doc.opened'>;
  readonly payload: Uint8Array;
}

const textOf = new TextDecoder();
const noBytes = new Uint8Array(0);

export class DocumentSession {
  readonly project: ProjectId;
  readonly doc: DocumentId;
  readonly kind: 'notebook' | 'text';
  readonly epoch: string;
  readonly ydoc: Y.Doc;
  readonly live: LiveStore;
  readonly presence: PresenceStore;
  /** Transaction origin for local edits (cells added, moved…) that belong to this person's undo. */
  readonly undoOrigin: object = { clientOrigin: 'structure' };
  readonly #link: SessionLink;
  readonly #keeper: SessionKeeper;
  readonly #replica: Replica;
  readonly #status: Store<SyncStatus>;
  readonly #file = new Store<FileState>({ state: 'written' });
  readonly #path: Store<string>;
  readonly #ends = new DisposableStore();
  readonly #onLoss: (loss: SessionLoss) => void;
  #row: DocumentRow;
  /** The server's answer that is already here when the session is made from it. */
  #answer: ServerAnswer | null = null;
  #endMessage = '';

  constructor(options: SessionOptions) {
    const { row, ydoc, stored, link, keeper } = options;
    this.project = link.project;
    this.doc = asDocumentId(row.doc);
    this.kind = row.kind;
    this.epoch = row.epoch;
    this.ydoc = ydoc;
    this.live = new LiveStore(row.live);
    this.presence = new PresenceStore((state) => link.send({ t: 'presence', doc: this.doc, state }));
    this.#row = row;
    this.#path = new Store(row.path);
    this.#link = link;
    this.#keeper = keeper;
    this.#onLoss = options.onLoss;
    this.#status = new Store<SyncStatus>(syncStatus('offline', stored.pending.length));
    this.#replica = new Replica(
      ydoc,
      {
        sendOpen: (open) => void this.#open(open),
        sendUpdates: (batch) =>
          link.send(
            {
              t: 'doc.update',
              doc: this.doc,
              n: batch.n,
              parts: batch.updates.map((bytes) => bytes.length),
              origins: [...batch.origins],
            },
            joinPayload(batch.updates),
          ),
        sendRecovery: ({ updates, vouchers }) =>
          link.send(
            {
              t: 'doc.recover',
              doc: this.doc,
              parts: updates.map((bytes) => bytes.length),
              vouchers: [...vouchers],
            },
            joinPayload(updates),
          ),
        persist: (change) => keeper.persist(change),
        statusChanged: (status) => this.#tellStatus(status.word, status.unsaved),
        ended: (end) => this.#onLoss({ why: 'end', end, message: this.#endMessage }),
      },
      { stored, originOf: clientOriginOf },
    );
    const stopLive = this.live.subscribe(() => keeper.live(this.live.get()));
    const stopLink = link.on((received) => this.#receive(received));
    const stopState = link.state.subscribe(() => this.#linkChanged());
    this.#ends.add(() => {
      stopLive();
      stopLink();
      stopState();
      this.#replica.dispose();
    });
  }

  get path(): string {
    return this.#path.get();
  }
  /** The path as a store: documents are renamed while open. */
  get pathStore(): Readable<string> {
    return this.#path;
  }
  get mayEdit(): boolean {
    return this.#row.mayEdit;
  }
  get status(): Readable<SyncStatus> {
    return this.#status;
  }
  get file(): Readable<FileState> {
    return this.#file;
  }
  /** What goes on in a new session over the same Y document. */
  get unfinished(): StoredReplica {
    return { ...this.#replica.stored(), updates: [] };
  }

  /** Meets the server: with an answer that is already here, or by asking. */
  begin(answer?: ServerAnswer): void {
    this.#answer = answer ?? null;
    if (this.#link.isOpen) this.#replica.connected();
  }

  /** Sends a request about this document. Rejects with the server's error, `link/offline` or `link/cut`. */
  async request(frame: SessionRequest): Promise<Json> {
    if (this.#status.get().state === 'offline') throw appError('link/offline');
    const { frame: answer } = await this.#link.request({ ...frame, doc: this.doc });
    return answer.t === 'reply' ? answer.result : null;
  }

  /** Where a file of the project can be read (images in Markdown, downloads). `path` from the project's root. */
  projectUrl(path: string): string {
    return fileUrl(this.project, path);
  }

  blobUrl(hash: BlobHash, type: string): string {
    return blobUrl(this.project, hash, type);
  }

  dispose(): void {
    if (this.#status.get().state !== 'offline') this.#link.send({ t: 'doc.close', doc: this.doc });
    this.#ends.dispose();
    this.#keeper.dispose();
  }

  async #open(open: OpenRequest): Promise<void> {
    const ready = this.#answer;
    this.#answer = null;
    if (ready) {
      // Inside the replica's own step: the answer follows when that has ended.
      queueMicrotask(() => this.#opened(open.attempt, ready));
      return;
    }
    try {
      const epoch = open.epoch === null ? {} : { epoch: open.epoch };
      const { frame, payload } = await this.#link.request(
        { t: 'doc.open', path: this.path, n: open.n, ...epoch },
        open.vector,
      );
      if (this.#ends.isDisposed) return;
      if (frame.t === 'doc.opened') this.#opened(open.attempt, { frame, payload });
      if (frame.t === 'doc.refused') {
        const text = frame.isText ? textOf.decode(payload) : null;
        this.#onLoss({ why: 'refused', error: fromWireError(frame.error), text });
      }
    } catch (cause) {
      const error = toAppError(cause);
      const isCut = error.code === 'link/offline' || error.code === 'link/cut';
      if (!isCut && !this.#ends.isDisposed) this.#onLoss({ why: 'failed', error });
    }
  }

  #opened(attempt: number, { frame, payload }: ServerAnswer): void {
    if (this.#ends.isDisposed) return;
    if (frame.doc !== this.doc) {
      // Another document has taken this path.
      this.#onLoss({ why: 'replaced' });
      return;
    }
    const [vector = noBytes, update = noBytes, ...fresh] = splitPayload(payload, frame.parts);
    const { epoch, mayEdit, path, seq, vouchers } = frame;
    const opened = { epoch, mayEdit, seq, vector, update, fresh, vouchers };
    this.#endMessage = appError('document/epoch').message;
    if (epoch === this.epoch) {
      if (frame.live) this.live.replace(frame.live);
      this.presence.replace(frame.peers);
      this.#file.set(frame.file);
      const hadRight = this.#row.mayEdit;
      this.#row = { ...this.#row, path, mayEdit, openedAt: Date.now() };
      this.#keeper.row(this.#row);
      this.#path.set(path);
      this.#replica.opened(attempt, opened);
      if (this.presence.local) this.presence.setLocal(this.presence.local);
      if (hadRight !== mayEdit) this.#onLoss({ why: 'rights' });
    } else {
      this.#replica.opened(attempt, opened);
    }
  }

  #linkChanged(): void {
    if (this.#link.isOpen) {
      this.#replica.connected();
      return;
    }
    this.#replica.disconnected();
    this.presence.replace([]);
  }

  #receive({ frame, payload }: Received): void {
    if (!('doc' in frame) || frame.doc !== this.doc) return;
    switch (frame.t) {
      case 'doc.update':
        this.#replica.received({
          ...frame,
          updates: frame.parts ? splitPayload(payload, frame.parts) : [payload],
        });
        break;
      case 'doc.saved':
        this.#replica.saved(frame.n, frame.seq);
        break;
      case 'doc.rejected':
        this.#endMessage = frame.error.message;
        this.#replica.rejected();
        break;
      case 'doc.resync':
        this.#replica.resync();
        break;
      case 'doc.closed':
        this.#replica.disconnected();
        this.#onLoss({ why: 'closed', error: fromWireError(frame.error) });
        break;
      case 'doc.renamed':
        this.#row = { ...this.#row, path: frame.path };
        this.#keeper.row(this.#row);
        this.#path.set(frame.path);
        break;
      case 'doc.file':
        this.#file.set(frame.file);
        break;
      case 'live':
        if (!this.live.fold(frame.from, frame.ops)) this.#replica.resync();
        break;
      case 'presence':
        this.presence.put(frame.peer, frame.left === true);
        break;
      case 'pager':
      case 'doc.opened':
        break;
    }
  }

  #tellStatus(word: SyncStatus['state'], unsent: number): void {
    const next = syncStatus(word, unsent);
    const now = this.#status.get();
    if (next.state !== now.state || next.unsent !== now.unsent) this.#status.set(next);
  }
}
