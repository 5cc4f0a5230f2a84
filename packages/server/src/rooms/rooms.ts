/**
 * The rooms of one open project: opens each document once, closes it a while after the last person has left (not while
 * something runs in it), and keeps paths and rooms together when files move. Owned by the open project; knows nothing of
 * sockets beyond RoomSession.
 */
import { Emitter } from '@cahier/base/emitter.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId, SessionId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { UpFrameOf } from '@cahier/protocol/client/up.ts';
import { filesBelow } from './files-below.ts';
import {
  openRoom,
  type Opening,
  type OpenRoom,
  type RefusedFile,
  type RoomSurroundings,
} from './open-room.ts';
import type { PastReader } from './past-reader.ts';
import { authorOfSession } from './room-edit.ts';
import { restoreRoom } from './restore-room.ts';
import type { Room } from './room.ts';
import type { RoomSession } from './room-session.ts';

export type RestoreWanted = Pick<UpFrameOf<'doc.restore'>, 'doc' | 'seq' | 'cell' | 'results' | 'output'>;

export interface RoomsParts extends RoomSurroundings {
  readonly past: PastReader;
  /** A room stays open while its cells run, whoever is there. */
  readonly isBusy: (document: DocumentId) => boolean;
  /** The room was closed: its live document may be put away. */
  readonly closed?: (document: DocumentId) => void;
}

const closeAfterMs = 60_000;

export class Rooms {
  readonly #parts: RoomsParts;
  /** By path. A failed or refused opening leaves nothing. */
  readonly #opening = new Map<string, Promise<Opening>>();
  readonly #open = new Map<DocumentId, OpenRoom>();
  readonly #closing = new Map<string, Promise<void>>();
  readonly #timers = new Map<DocumentId, Disposable>();
  #isClosed = false;
  /** Paths of open documents: what the runner should watch. */
  readonly pathsChanged = new Emitter<readonly string[]>();

  constructor(parts: RoomsParts) {
    this.#parts = parts;
  }

  get paths(): readonly string[] {
    return [...this.#open.values()].map(({ room }) => room.path);
  }

  get all(): readonly OpenRoom[] {
    return [...this.#open.values()];
  }

  byDocument(id: DocumentId): Room | null {
    return this.#open.get(id)?.room ?? null;
  }

  /** Like `byDocument`, with mirror and notebook. */
  entry(id: DocumentId): OpenRoom | null {
    return this.#open.get(id) ?? null;
  }

  byPath(path: string): Room | null {
    return this.all.find(({ room }) => room.path === path)?.room ?? null;
  }

  /**
   * Opens or finds the document; those who ask at the same time share one opening. Throws as `openRoom` does.
   * The room closes 60 s later unless somebody joins.
   */
  async open(path: string): Promise<Opening> {
    await this.#closing.get(path);
    if (this.#isClosed) throw appError('document/not-found');
    const open = this.all.find(({ room }) => room.path === path);
    if (open) {
      this.#armClosing(open);
      return { ok: true, open };
    }
    const known = this.#opening.get(path);
    if (known) return known;
    const opening = this.#openNew(path).finally(() => this.#opening.delete(path));
    this.#opening.set(path, opening);
    return opening;
  }

  /** Like `open`, by the document's own name. Throws `document/not-found` also when its file was deleted. */
  async openDocument(id: DocumentId): Promise<Opening> {
    const { log, project } = this.#parts;
    const open = this.#open.get(id);
    if (open) return this.open(open.room.path);
    const row = await log.document(id);
    if (row?.project !== project || row.path.startsWith('/')) throw appError('document/not-found');
    return this.open(row.path);
  }

  /** `doc.open` from start to end: joins the room, or answers why the file cannot be edited. Throws as `open`. */
  async join(
    session: RoomSession,
    frame: UpFrameOf<'doc.open'>,
    clientVector: Uint8Array,
  ): Promise<Room | RefusedFile> {
    const opening = await this.open(frame.path);
    if (!opening.ok) return opening.refused;
    opening.open.room.join(session, frame, clientVector);
    return opening.open.room;
  }

  /** The session is gone: out of every room. */
  leaveAll(session: SessionId): void {
    for (const { room } of this.all) room.leave(session);
  }

  /**
   * Makes document (or one cell) what it was after entry `seq`, as an ordinary edit; its results too, when they are
   * asked for. Resolves to the entry before it. Throws `history/range`, `cell/not-found`, `cell/running`.
   */
  async restore(session: RoomSession, wanted: RestoreWanted): Promise<number> {
    const { doc: document, seq, cell = null, results, output = null } = wanted;
    if (!session.may('history.restore')) {
      throw appError('access/forbidden', { details: { action: 'restore' } });
    }
    if (!this.#open.has(document)) throw appError('document/not-found');
    const past = await this.#parts.past(document, seq);
    const open = this.#open.get(document);
    if (!open) throw appError('document/not-found');
    const author = authorOfSession(session);
    if (results === 'only' && cell !== null && !past.cells[cell]) throw appError('cell/not-found');
    const put = results === undefined ? null : await open.room.live?.prepareResults(past, { cell, output });
    put?.check();
    const before = open.room.lastSeq;
    if (results !== 'only') {
      restoreRoom(open.room, past, { author, cell, kinds: this.#parts.kinds, newId: this.#parts.newId });
    }
    put?.put(author);
    return before;
  }

  // ---- files

  /** The runner's `files.changed`. */
  filesChanged(files: readonly { readonly path: string; readonly hash: string | null }[]): void {
    const byPath = new Map(this.all.map((open) => [open.room.path, open]));
    for (const { path, hash } of files) byPath.get(path)?.mirror.fileChanged(hash);
  }

  runnerConnected(): void {
    for (const { mirror } of this.all) mirror.runnerConnected();
  }

  /** A file or folder was moved (through Cahier): histories go with it, of closed documents too. */
  async renamed(from: string, to: string): Promise<void> {
    const { log, recorder, project } = this.#parts;
    const moved = this.all.filter(({ room }) => isAtOrIn(room.path, from));
    const target = await log.documentByPath(project, to);
    if (target) await this.#putAway(target.id);
    for (const { room } of moved) room.renamed(to + room.path.slice(from.length));
    if (moved.length > 0) this.#tellPaths();
    for (const { room, mirror } of moved) {
      await recorder.attach({ documents: [{ ...room.row, project }] });
      mirror.renamed();
    }
    for (const path of await this.#filesMoved(to)) {
      const row = await log.documentByPath(project, from + path.slice(to.length));
      if (row && !this.#open.has(row.id)) await recorder.attach({ documents: [{ ...row, path, project }] });
    }
  }

  /** A file or folder was deleted (through Cahier). Its history stays, out of the way of a new file of this name. */
  async removed(path: string): Promise<void> {
    const gone = this.all.filter(({ room }) => isAtOrIn(room.path, path));
    const row = await this.#parts.log.documentByPath(this.#parts.project, path);
    for (const open of gone) {
      open.room.expel(appError('file/not-found', { details: { path: open.room.path } }));
      await this.#putAway(open.room.id);
      this.#end(open);
    }
    if (row && !gone.some(({ room }) => room.id === row.id)) await this.#putAway(row.id);
  }

  /** Before reading or moving a file by other ways: it is as the document is. */
  async flush(path?: string): Promise<void> {
    const which = this.all.filter(({ room }) => path === undefined || isAtOrIn(room.path, path));
    await Promise.all(which.map(({ mirror }) => mirror.flush()));
  }

  /** Writes everything and closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#opening.values());
    await Promise.all(this.all.map((open) => this.#close(open)));
  }

  // ---- inside

  async #openNew(path: string): Promise<Opening> {
    const opening = await openRoom(path, this.#parts);
    if (!opening.ok) return opening;
    const { open } = opening;
    this.#open.set(open.room.id, open);
    open.room.seatsChanged.on((seats) => {
      if (seats === 0) this.#armClosing(open);
      else this.#disarm(open);
    });
    this.#armClosing(open);
    this.#tellPaths();
    return opening;
  }

  #disarm(open: OpenRoom): void {
    this.#timers.get(open.room.id)?.dispose();
    this.#timers.delete(open.room.id);
  }

  #armClosing(open: OpenRoom): void {
    this.#disarm(open);
    if (open.room.seats > 0 || this.#isClosed) return;
    const { id } = open.room;
    const timer = this.#parts.clock.after(closeAfterMs, () => {
      this.#timers.delete(id);
      if (open.room.seats > 0 || this.#open.get(id) !== open) return;
      if (this.#parts.isBusy(id)) this.#armClosing(open);
      else this.#closeQuietly(open);
    });
    this.#timers.set(id, timer);
  }

  #closeQuietly(open: OpenRoom): void {
    this.#close(open).catch((error: unknown) =>
      this.#parts.logger.error({ err: error, path: open.room.path }, 'a room could not be closed'),
    );
  }

  async #close(open: OpenRoom): Promise<void> {
    const { path } = open.room;
    const closing = (async () => {
      await open.mirror.flush();
      // Somebody came back while the file was written.
      if (open.room.seats > 0 && !this.#isClosed) return;
      this.#end(open);
      await this.#parts.recorder.flush();
    })().finally(() => this.#closing.delete(path));
    this.#closing.set(path, closing);
    await closing;
  }

  #end(open: OpenRoom): void {
    this.#disarm(open);
    this.#open.delete(open.room.id);
    open.dispose();
    this.#parts.closed?.(open.room.id);
    this.#tellPaths();
  }

  async #filesMoved(to: string): Promise<readonly string[]> {
    try {
      return await filesBelow(this.#parts.runner, to);
    } catch (error) {
      this.#parts.logger.warn({ err: error, path: to }, 'moved files could not be listed');
      return [to];
    }
  }

  /** No path of a project begins with a slash: the row is out of the way and still tells where it was. */
  async #putAway(id: DocumentId): Promise<void> {
    const row = await this.#parts.log.document(id);
    if (!row) return;
    const path = `/deleted/${id}/${row.path}`;
    await this.#parts.recorder.attach({ documents: [{ ...row, path, project: this.#parts.project }] });
  }

  #tellPaths(): void {
    this.pathsChanged.emit(this.paths);
  }
}

function isAtOrIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
