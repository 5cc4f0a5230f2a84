/**
 * One document as JupyterLab's clients share it: their sockets and a second Y document in the schema of @jupyter/ydoc,
 * which the projection (core/jupyter/lab) keeps in lock-step with the room's own. Every update of it is committed in the
 * batch of the history entries that it belongs to, and what the server writes is told to nobody before it is on disk: so
 * after a crash no client knows more of this server's writing than the server does, and nothing can double. It exists only while such a client
 * is there, and a while after; then the document costs nothing more.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { type Disposable, DisposableStore } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { CellId, DocumentId } from '@cahier/base/ids.ts';
import { assertNever } from '@cahier/base/assert-never.ts';
import type {
  BroughtResults,
  LabOutcome,
  LabProjection,
  SourceEdit,
} from '@cahier/core/jupyter/lab/projection.ts';
import type { FileState } from '@cahier/protocol/client/down.ts';
import type { Logger } from 'pino';
import * as Y from 'yjs';
import { type Room, maxUpdateBytes } from '../../rooms/room.ts';
import type { OpenRoom } from '../../rooms/open-room.ts';
import type { ClientRunChange } from '../../runs/client-runs.ts';
import type { NotebookRuns } from '../../runs/notebook-runs.ts';
import {
  type LabFrame,
  saveReplyFrame,
  type SaveStatus,
  step1Frame,
  step2Frame,
  updateFrame,
} from './lab-frames.ts';
import type { LabKeeper } from './lab-keeper.ts';
import { LabPeople } from './lab-people.ts';
import type { LabSocket } from './lab-socket.ts';
import { endOfSession, type SessionRefusals } from './session-refusals.ts';
import { saySame } from './same-cells.ts';
import { StateWrites } from './state-writes.ts';

export interface LabRoomParts {
  readonly open: OpenRoom;
  readonly epoch: string;
  readonly projection: LabProjection;
  readonly keeper: LabKeeper;
  /** null: not a notebook. */
  readonly runs: NotebookRuns | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A client id of Yjs' kind that nobody has. */
  readonly newClient: () => number;
  readonly refusals: SessionRefusals;
  /** May the room end so that the next opening mends it? Not again and again. */
  readonly mayMend: () => boolean;
}

interface Seat {
  readonly socket: LabSocket;
  /** Does it name the epoch? One that does not is served at once, in the order that it insists on. */
  readonly hasEpoch: boolean;
  readonly stateWrites: StateWrites;
  /** What it asked with, while its own answer is awaited. */
  vector: Uint8Array | null;
  hasAnswered: boolean;
  /** Everything up to this mark is given, or on its way (`isGiven` false); null: nothing yet. */
  since: number | null;
  isGiven: boolean;
  gaps: number;
}

/** A client that does not say what it has is served all the same. */
const answerWithinMs = 3_000;
const idleMs = 120_000;
const mostGaps = 5;
const compareAfterMs = 1_000;
/** A JupyterLab shows what its kernel said a moment later than we do. */
const settleMs = 1_500;
const nothing: Disposable = { dispose: () => undefined };

export class LabRoom implements Disposable {
  readonly epoch: string;
  /** Nobody was here for a while, or the document was closed. */
  readonly ended = new Emitter<void>();
  readonly #parts: LabRoomParts;
  readonly #room: Room;
  readonly #people: LabPeople;
  readonly #seats = new Map<LabSocket, Seat>();
  /** Cells whose outputs a client writes, with what ends it. */
  readonly #foreign = new Map<CellId, Disposable>();
  readonly #ends = new DisposableStore();
  #idle: Disposable | null = null;
  #comparing: Disposable | null = null;
  /** How far the projection's own writing goes. */
  #ownClock: number;

  constructor(parts: LabRoomParts) {
    const { open, projection, keeper } = parts;
    this.#parts = parts;
    this.#room = open.room;
    this.epoch = parts.epoch;
    const { shared } = projection;
    this.#ownClock = Y.getState(shared.store, shared.clientID);
    const onUpdate = (bytes: Uint8Array, origin: unknown) => this.#changed(bytes, origin);
    shared.on('update', onUpdate);
    this.#ends.add(() => shared.off('update', onUpdate));
    this.#people = this.#ends.add(
      new LabPeople({ ...parts, room: this.#room, deliver: (frame) => this.#sendToAll(frame) }),
    );
    this.#ends.add(this.#room.moved.on((path) => projection.setState({ path })));
    this.#ends.add(this.#room.fileChanged.on((file) => this.#fileIs(file)));
    this.#ends.add(this.#room.expelled.on(() => this.#documentIsGone()));
    this.#ends.add(this.#room.changed.on(() => this.#compareLater()));
    const live = this.#room.live;
    if (live) this.#ends.add(live.onOps((ops, state) => projection.liveChanged(ops, state)));
    if (parts.runs) this.#ends.add(parts.runs.clientRuns.on((change) => this.#clientRun(change)));
    const onDestroy = () => this.dispose();
    this.#room.doc.on('destroy', onDestroy);
    this.#ends.add(() => this.#room.doc.off('destroy', onDestroy));
    projection.setState({ path: this.#room.path });
    this.#fileIs(this.#room.file);
    keeper.keep();
    this.#armIdle();
  }

  get document(): DocumentId {
    return this.#room.id;
  }

  get room(): Room {
    return this.#room;
  }

  get projection(): LabProjection {
    return this.#parts.projection;
  }

  get size(): number {
    return this.#seats.size;
  }

  /** Resolves when what clients may be given now is on disk. */
  durable(): Promise<void> {
    const { keeper } = this.#parts;
    return new Promise((resolve) => keeper.afterDurable(keeper.mark, resolve));
  }

  join(socket: LabSocket, hasEpoch: boolean): void {
    if (this.#ends.isDisposed) return socket.close(1012, 'the document was closed');
    const { clock, projection } = this.#parts;
    const seat: Seat = {
      socket,
      hasEpoch,
      stateWrites: new StateWrites(projection.shared),
      vector: null,
      hasAnswered: !hasEpoch,
      since: null,
      isGiven: false,
      gaps: 0,
    };
    this.#seats.set(socket, seat);
    this.#disarmIdle();
    this.#people.join(socket);
    socket.ended.add(() => this.#leave(socket));
    const everybody = this.#people.whole();
    if (everybody) socket.send(everybody);
    // what it has is taken before it is given anything: it would throw away what was typed into a cell that has moved
    if (hasEpoch) this.#ask(seat);
    socket.ended.add(
      clock.after(answerWithinMs, () => {
        if (seat.hasAnswered) return;
        seat.hasAnswered = true;
        this.#give(seat);
      }),
    );
    socket.listen((frame) => this.#take(seat, frame));
  }

  /** The cell that a client means runs in another kernel: what is written there is its own. */
  closeWhere(isMeant: (socket: LabSocket) => boolean, code: number, reason: string): void {
    for (const socket of [...this.#seats.keys()]) if (isMeant(socket)) socket.close(code, reason);
  }

  /** Writes the whole of it. */
  keep(): void {
    this.#parts.keeper.keep();
  }

  /** Ends for good: clients must not bring back what they have. */
  forget(): void {
    for (const [socket, seat] of [...this.#seats])
      if (socket.isOpen) this.#refuse(seat, 'A part of it was removed.');
    this.#parts.keeper.abandon();
    this.dispose();
  }

  dispose(): void {
    if (this.#ends.isDisposed) return;
    this.#disarmIdle();
    this.#comparing?.dispose();
    for (const end of this.#foreign.values()) end.dispose();
    for (const socket of [...this.#seats.keys()]) socket.close(1012, 'the document was closed');
    this.#seats.clear();
    this.#ends.dispose();
    this.#parts.keeper.dispose();
    this.#parts.projection.dispose();
    this.ended.emit();
  }

  // ---- from clients

  #take(seat: Seat, frame: LabFrame): void {
    const { socket } = seat;
    switch (frame.is) {
      case 'step1':
        seat.vector = frame.vector;
        if (seat.hasAnswered) this.#give(seat);
        return;
      case 'update':
        this.#update(seat, frame.update, frame.isAnswer);
        if (!frame.isAnswer || seat.hasAnswered) return;
        seat.hasAnswered = true;
        this.#give(seat);
        return;
      case 'awareness':
        if (!this.#people.heard(socket, frame.update)) this.#malformed(seat);
        return;
      case 'awareness.query': {
        const everybody = this.#people.whole();
        if (everybody) socket.send(everybody);
        return;
      }
      case 'save':
        void this.#save(seat, frame.id);
        return;
      case 'unknown':
        return;
      case 'malformed':
        return this.#malformed(seat);
      default:
        assertNever(frame);
    }
  }

  /** What the client lacks, once that is on disk; what comes after follows by itself. */
  #give(seat: Seat): void {
    const { projection, keeper } = this.#parts;
    const { socket, vector } = seat;
    if (vector === null || !this.#seats.has(socket)) return;
    if (!seat.hasEpoch && seat.since === null && isOfAnotherHistory(vector, projection.shared)) {
      return this.#refuse(seat, 'This is an older copy.');
    }
    const missing = projection.catchUp(vector);
    if (missing === null) return this.#malformed(seat);
    const isFirst = seat.since === null;
    seat.vector = null;
    seat.since = keeper.mark;
    keeper.afterDurable(keeper.mark, () => {
      if (!this.#seats.has(socket)) return;
      seat.isGiven = true;
      missing.forEach((update, i) => socket.sendAsked(i === 0 ? step2Frame(update) : updateFrame(update)));
      if (isFirst && !seat.hasEpoch) this.#ask(seat);
    });
  }

  #ask({ socket }: Seat): void {
    socket.send(step1Frame(Y.encodeStateVector(this.#parts.projection.shared)));
  }

  #update(seat: Seat, update: Uint8Array, isWhole: boolean): void {
    const { socket } = seat;
    if (!socket.isOpen) return;
    if (!socket.may('document.edit')) {
      if (!seat.stateWrites.isHarmless(update)) this.#refuse(seat, 'You may look at it, not change it.');
      return;
    }
    if (update.length > maxUpdateBytes) return this.#refuse(seat, 'One change is larger than 16 MB.');
    const outcome = this.#receive(seat, update, isWhole);
    if (outcome === null) return;
    switch (outcome.placement) {
      case 'applied':
        return this.#applied(socket, outcome);
      case 'gap':
        seat.gaps += 1;
        if (seat.gaps > mostGaps) this.#refuse(seat, 'This copy is damaged.');
        else this.#ask(seat);
        return;
      case 'malformed':
        return this.#malformed(seat);
      default:
        assertNever(outcome);
    }
  }

  /** Null: it went wrong here; the client comes again and both look what they have. */
  #receive(seat: Seat, update: Uint8Array, isWhole: boolean): LabOutcome | null {
    const { projection, logger } = this.#parts;
    const { socket } = seat;
    try {
      const edit: SourceEdit = (change) => void this.#room.edit(socket.author, 'jupyterlab', change);
      return projection.receive(update, seat, edit, isWhole);
    } catch (error) {
      logger.error({ err: error, document: this.document, session: socket.id }, 'a lab update failed');
      socket.close(1011, 'the update could not be taken');
      return null;
    }
  }

  #applied(socket: LabSocket, outcome: Extract<LabOutcome, { placement: 'applied' }>): void {
    const { runs, logger } = this.#parts;
    if (!runs) return;
    if (outcome.cleared.length > 0) runs.clearOutputs(outcome.cleared, socket.author);
    if (outcome.brought.length > 0) {
      runs
        .takeResults(resultsOf(outcome.brought), { author: socket.author, origin: 'jupyterlab' })
        .catch((error: unknown) => logger.error({ err: error }, 'results of a pasted cell were not kept'));
    }
  }

  async #save({ socket }: Seat, id: number): Promise<void> {
    socket.send(saveReplyFrame(id, await this.#written(socket)));
  }

  async #written(socket: LabSocket): Promise<SaveStatus> {
    if (!socket.may('document.edit')) return 'failed';
    try {
      await this.#parts.open.mirror.flush();
      const { state } = this.#room.file;
      // what was there at the wish is written; `dirty` is what somebody has typed since
      return state === 'written' || state === 'dirty' ? 'success' : 'failed';
    } catch (error) {
      this.#parts.logger.warn({ err: error, document: this.document }, 'a save was not made');
      return 'failed';
    }
  }

  #malformed({ socket }: Seat): void {
    socket.close(1007, 'the message could not be read');
  }

  /** It is told why, once, and gives up its copy. */
  #refuse({ socket }: Seat, why: string): void {
    this.#leave(socket);
    this.#parts.refusals.refuse(socket, `${this.document} ${why}`, endOfSession('', why));
  }

  // ---- to clients

  /**
   * One transaction of the shared document. What a client made goes to the others at once: should we lose it, any of them
   * brings it back as it was. What the server made waits until it is on disk.
   */
  #changed(bytes: Uint8Array, origin: unknown): void {
    const { keeper, projection } = this.#parts;
    const { store, clientID } = projection.shared;
    const ownClock = Y.getState(store, clientID);
    const isOurs = !this.#isSeat(origin) || ownClock !== this.#ownClock;
    this.#ownClock = ownClock;
    const mark = keeper.update(bytes);
    const frame = updateFrame(bytes);
    const told = new Set<Seat>();
    const tell = () => {
      for (const [socket, seat] of this.#seats) {
        const lacksIt = seat.since !== null && seat.since < mark && seat.isGiven && !told.has(seat);
        if (seat === origin || !lacksIt) continue;
        told.add(seat);
        socket.send(frame);
      }
    };
    if (!isOurs) tell();
    keeper.afterDurable(mark, tell);
  }

  /** A while after the last change. */
  #compareLater(): void {
    this.#comparing?.dispose();
    this.#comparing = this.#parts.clock.after(compareAfterMs, () => this.#compare());
  }

  /** Two documents that differ would drift apart unseen: clients dial again, and the next opening makes them equal. */
  #compare(): void {
    const { projection, logger, mayMend } = this.#parts;
    if (this.#ends.isDisposed || saySame(this.#room.kind, this.#room.doc, projection.shared)) return;
    logger.error(
      { document: this.document },
      'what JupyterLab shares differs from the document; it is mended',
    );
    if (mayMend()) this.dispose();
  }

  #isSeat(origin: unknown): boolean {
    return [...this.#seats.values()].some((seat) => seat === origin);
  }

  /**
   * A client runs a cell by its own message to the kernel. JupyterLab then writes the outputs itself: whoever did it and
   * is here is left alone until it is done; then both say the same.
   */
  #clientRun({ cell, state, person }: ClientRunChange): void {
    const { projection, clock } = this.#parts;
    if (state === 'ended') {
      if (!this.#foreign.has(cell)) return;
      this.#foreign.get(cell)?.dispose();
      this.#foreign.set(
        cell,
        clock.after(settleMs, () => {
          this.#foreign.delete(cell);
          projection.setForeign(cell, false);
        }),
      );
      return;
    }
    const isHere = [...this.#seats.keys()].some(({ client }) => client.principal.person.id === person);
    if (!isHere) return;
    this.#foreign.get(cell)?.dispose();
    this.#foreign.set(cell, nothing);
    projection.setForeign(cell, true);
  }

  #sendToAll(frame: Uint8Array): void {
    for (const socket of [...this.#seats.keys()]) socket.send(frame);
  }

  #fileIs({ state }: FileState): void {
    const { projection } = this.#parts;
    const hash = this.#room.fileHash;
    if (state === 'written') projection.setState({ dirty: false, ...(hash === null ? {} : { hash }) });
    else projection.setState({ dirty: true });
  }

  #documentIsGone(): void {
    for (const socket of [...this.#seats.keys()]) socket.close(4404, 'the file was removed');
  }

  // ---- the end

  #leave(socket: LabSocket): void {
    if (!this.#seats.delete(socket)) return;
    this.#people.leave(socket);
    if (this.#seats.size === 0) this.#armIdle();
  }

  #armIdle(): void {
    this.#disarmIdle();
    if (this.#ends.isDisposed) return;
    this.#idle = this.#parts.clock.after(idleMs, () => this.dispose());
  }

  #disarmIdle(): void {
    this.#idle?.dispose();
    this.#idle = null;
  }
}

function resultsOf(brought: readonly BroughtResults[]) {
  return new Map(
    brought.map(({ cell, outputs, executionCount }) => [cell, { outputs, executionCount }] as const),
  );
}

/** Has the client something, and nothing of it is known here? Then it must not be merged: everything would be twice. */
function isOfAnotherHistory(vector: Uint8Array, shared: Y.Doc): boolean {
  try {
    const clients = [...Y.decodeStateVector(vector).keys()];
    return clients.length > 0 && !clients.some((client) => Y.getState(shared.store, client) > 0);
  } catch {
    return false;
  }
}
