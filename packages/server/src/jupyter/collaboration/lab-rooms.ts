/**
 * The shared documents of all open projects: each is opened once, from what was kept of it, and ends by itself. A document
 * keeps one epoch as long as what was kept is whole and was used lately; a client with another one must not merge.
 * One per server.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '@cahier/base/clock.ts';
import type { DocumentId, ProjectId, SessionId } from '@cahier/base/ids.ts';
import type { AccessSettings } from '@cahier/core/access/rights.ts';
import type { KindId } from '@cahier/core/documents/kind.ts';
import { appError } from '@cahier/core/errors.ts';
import { openNotebookProjection } from '@cahier/core/jupyter/lab/notebook-projection.ts';
import type { LabProjection } from '@cahier/core/jupyter/lab/projection.ts';
import { openTextProjection } from '@cahier/core/jupyter/lab/text-projection.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';
import type { Logger } from 'pino';
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { HistoryLog, KeptLab } from '../../history/history-log.ts';
import type { Recorder } from '../../history/recorder.ts';
import type { OpenRoom } from '../../rooms/open-room.ts';
import type { JupyterProject } from '../jupyter-project.ts';
import { AwarenessRoom, type PagePresence } from './awareness-room.ts';
import { LabKeeper } from './lab-keeper.ts';
import { LabRoom } from './lab-room.ts';
import type { LabClient, LabSocket } from './lab-socket.ts';
import { SessionRefusals } from './session-refusals.ts';

/** What shared rooms need of an open project. */
export interface LabProject extends Pick<JupyterProject, 'rooms' | 'runs'> {
  readonly id: ProjectId;
  readonly recorder: Recorder;
}

export interface LabRoomsDeps {
  readonly open: (project: ProjectId) => Promise<LabProject>;
  readonly log: Pick<HistoryLog, 'lab' | 'document' | 'documentByPath'>;
  readonly blobs: BlobStore;
  readonly access: (project: ProjectId) => AccessSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An id of `length` random hexadecimal characters. */
  readonly newId: (length: number) => string;
}

const day = 24 * 60 * 60_000;
/** Unused for so long it is forgotten; a large one sooner, because removed text and outputs leave their traces in it. */
const keptMs = 30 * day;
const largeKeptMs = day;
const mendEveryMs = 5_000;
const largeBytes = 32 * 1024 * 1024;

export class LabRooms {
  readonly deps: LabRoomsDeps;
  readonly refusals: SessionRefusals;
  readonly #rooms = new Map<DocumentId, Promise<LabRoom>>();
  readonly #open = new Map<DocumentId, LabRoom>();
  /** Of these nothing that was kept is used any more. */
  readonly #forgotten = new Set<DocumentId>();
  readonly #mendedAt = new Map<DocumentId, number>();
  readonly #global = new Map<ProjectId, AwarenessRoom>();

  constructor(deps: LabRoomsDeps) {
    this.deps = deps;
    this.refusals = new SessionRefusals(deps.clock);
  }

  /** Throws `document/not-found`, and what opening the document throws. */
  async room(project: LabProject, open: OpenRoom): Promise<LabRoom> {
    const { id } = open.room;
    const known = this.#rooms.get(id);
    if (known) return known;
    const opening = this.#make(project, open);
    this.#rooms.set(id, opening);
    opening.catch(() => this.#rooms.delete(id));
    return opening;
  }

  /** The shared document, when it is open now. */
  byDocument(id: DocumentId): LabRoom | null {
    return this.#open.get(id) ?? null;
  }

  globalAwareness(project: LabProject): AwarenessRoom {
    const known = this.#global.get(project.id);
    // an empty one may be of an earlier life of the project
    if (known && known.sockets.size > 0) return known;
    const room = new AwarenessRoom({
      clock: this.deps.clock,
      newClient,
      people: () => peopleInPage(project.rooms),
    });
    this.#global.set(project.id, room);
    return room;
  }

  /**
   * Something was removed from the document's history for ever. What is shared may still hold traces of it: when a person
   * asked for that it begins anew, and clients give up their copies; when it was only old it is kept from here on.
   */
  purged(document: DocumentId, isAsked: boolean): void {
    const room = this.#open.get(document);
    if (!isAsked) return room?.keep();
    this.#forgotten.add(document);
    room?.forget();
  }

  /** Whoever lost a right comes back, if the rest of it still suffices. */
  closeWhere(isMeant: (client: LabClient) => boolean, code = 1008, reason = 'rights have changed'): void {
    const isIt = ({ client }: LabSocket) => isMeant(client);
    for (const room of this.#open.values()) room.closeWhere(isIt, code, reason);
    for (const { sockets } of this.#global.values()) {
      for (const socket of [...sockets]) if (isIt(socket)) socket.close(code, reason);
    }
  }

  closeAll(): void {
    this.closeWhere(() => true, 1012, 'the server stops');
    this.refusals.closeAll(1012, 'the server stops');
    for (const room of this.#global.values()) room.dispose();
  }

  async #make(project: LabProject, open: OpenRoom): Promise<LabRoom> {
    const { log, clock, logger } = this.deps;
    const { id } = open.room;
    // what an earlier life of it wrote last
    await project.recorder.flush();
    const found = await log.lab(id);
    const kept = this.#forgotten.has(id) ? null : found;
    if (project.rooms.entry(id) !== open) throw appError('document/not-found');
    // from here on nothing may wait: the document must not change unseen
    const { projection, epoch, n } = this.#project(project, open, kept);
    const keeper = new LabKeeper({
      document: id,
      epoch,
      n,
      recorder: project.recorder,
      clock,
      logger,
      encode: () => projection.state(),
    });
    const room = new LabRoom({
      open,
      epoch,
      projection,
      keeper,
      runs: project.runs.get(id),
      clock,
      logger,
      newClient,
      refusals: this.refusals,
      mayMend: () => this.#mayMend(id),
    });
    this.#open.set(id, room);
    this.#forgotten.delete(id);
    room.ended.on(() => {
      this.#open.delete(id);
      this.#rooms.delete(id);
    });
    return room;
  }

  #mayMend(id: DocumentId): boolean {
    const now = this.deps.clock.now();
    const isSoon = now - (this.#mendedAt.get(id) ?? 0) < mendEveryMs;
    if (!isSoon) this.#mendedAt.set(id, now);
    return !isSoon;
  }

  #project(project: LabProject, open: OpenRoom, kept: KeptLab | null) {
    const { clock, logger, newId } = this.deps;
    if (kept && !isOld(kept, clock.now())) {
      try {
        return { projection: this.#opened(project, open, kept.updates), epoch: kept.epoch, n: kept.n };
      } catch (error) {
        logger.error(
          { err: error, document: open.room.id },
          'what JupyterLab shared is damaged; it begins anew',
        );
      }
    }
    return { projection: this.#opened(project, open, null), epoch: newId(32), n: 0 };
  }

  #opened(project: LabProject, { room }: OpenRoom, saved: readonly Uint8Array[] | null): LabProjection {
    const { blobs, newId } = this.deps;
    if (room.kind === 'text') return openTextProjection({ source: room.doc, saved });
    const { live } = room;
    if (!live) throw appError('document/not-found');
    return openNotebookProjection({
      source: room.doc,
      saved,
      newId: () => newId(8),
      live: live.state,
      blobs: ({ blob }) => blobs.get(project.id, blob),
      blobUrl: ({ blob }, mime) => `/p/${project.id}/blobs/${blob}?type=${encodeURIComponent(mime)}`,
      cellUrl: () => `/p/${project.id}/edit/${room.path.split('/').map(encodeURIComponent).join('/')}`,
    });
  }
}

function isOld({ usedAt, updates }: KeptLab, now: number): boolean {
  const size = updates.reduce((sum, { length }) => sum + length, 0);
  return now - usedAt > (size > largeBytes ? largeKeptMs : keptMs);
}

/** As Yjs names writers: 32 random bits. */
function newClient(): number {
  return randomBytes(4).readUInt32LE();
}

function peopleInPage({ all }: LabProject['rooms']): readonly PagePresence[] {
  const people = new Map<SessionId, { peer: Peer; documents: { path: string; kind: KindId }[] }>();
  for (const { room } of all) {
    for (const peer of room.peersInPage) {
      const known = people.get(peer.session) ?? { peer, documents: [] };
      people.set(peer.session, known);
      known.documents.push({ path: room.path, kind: room.kind });
    }
  }
  return [...people.values()];
}
