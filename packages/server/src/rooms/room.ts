/**
 * A room is one open document: its Y document in the server's memory, the sessions in it, who is where, and the single
 * place where edits come in, whoever makes them. The open project owns it (rooms.ts). Every change that takes effect is
 * numbered by the recorder, sent to the others, and acknowledged only when it is durable.
 * A room never reads or writes the file (mirrors/), never runs anything (runs/), and never changes an update.
 */
import type { AppError } from '@cahier/base/app-error.ts';
import type { Clock } from '@cahier/base/clock.ts';
import { DisposableStore, type Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { DocumentId, SessionId } from '@cahier/base/ids.ts';
import type { KindId } from '@cahier/core/documents/kind.ts';
import { appError } from '@cahier/core/errors.ts';
import { placementOf } from '@cahier/core/documents/placement.ts';
import type { DocumentRow, EntryAuthor, Origin } from '@cahier/core/history/entry.ts';
import type { Voucher } from '@cahier/core/rooms/voucher.ts';
import type { DownFrame, FileState, Peer } from '@cahier/protocol/client/down.ts';
import type { ClientOrigin, PresenceState, UpFrameOf } from '@cahier/protocol/client/up.ts';
import { encodeFrame, joinPayload } from '@cahier/protocol/frame.ts';
import { toWireError } from '@cahier/protocol/wire-error.ts';
import type { Logger } from 'pino';
import * as Y from 'yjs';
import type { Recorder } from '../history/recorder.ts';
import { applyWhole } from './apply-whole.ts';
import { FanOut, type Outgoing } from './fan-out.ts';
import type { LiveSource } from './live-source.ts';
import { GuestSeat } from './guest-seat.ts';
import { peerOf, type Present, PresenceRelay } from './presence-relay.ts';
import { authorOfSession, authorOfVoucher, Edit, recordedOf } from './room-edit.ts';
import { RoomState } from './room-state.ts';
import type { RoomSession } from './room-session.ts';
import { Seat } from './seat.ts';
import type { Vouchers } from './vouchers.ts';

export interface RoomParts {
  readonly row: DocumentRow;
  /** Filled from the history; `lastSeq` is the last entry in it. */
  readonly doc: Y.Doc;
  readonly lastSeq: number;
  readonly recorder: Recorder;
  readonly vouchers: Vouchers;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How late the event loop is, ms. */
  readonly lag?: () => number;
}

/** Somebody came, moved or left (`hasLeft`). */
export interface PresenceNews {
  readonly peer: Peer;
  readonly hasLeft: boolean;
}

export interface RoomChange {
  readonly seq: number;
  readonly origin: Origin;
}

/** Largest single update, bytes. */
export const maxUpdateBytes = 16 * 1024 * 1024;
/** Updates that are handed out again to who opens the document before they are on disk: more only when it refuses. */
const mostFresh = 1_000;
const nobody: EntryAuthor = { person: null, name: '', session: null };

export class Room implements Disposable {
  readonly id: DocumentId;
  readonly kind: KindId;
  readonly epoch: string;
  readonly doc: Y.Doc;
  /** The document changed: one history entry. */
  readonly changed = new Emitter<RoomChange>();
  /** Somebody came or went: how many are here now. */
  readonly seatsChanged = new Emitter<number>();
  readonly presenceChanged = new Emitter<PresenceNews>();
  /** The room has another path. */
  readonly moved = new Emitter<string>();
  readonly fileChanged = new Emitter<FileState>();
  /** Everybody must leave, and why. */
  readonly expelled = new Emitter<AppError>();
  readonly #recorder: Recorder;
  readonly #vouchers: Vouchers;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #fanOut: FanOut;
  readonly #presence: PresenceRelay;
  readonly #state: RoomState;
  readonly #seats = new Map<SessionId, Seat>();
  readonly #guests = new Map<SessionId, GuestSeat>();
  readonly #ends = new DisposableStore();
  /** What is in the document and not on disk. */
  #fresh: Outgoing[] = [];
  readonly #clockOf = (client: number) => Y.getState(this.doc.store, client);
  #path: string;
  #live: LiveSource | null = null;
  #file: FileState = { state: 'written' };
  #fileHash: string | null = null;

  constructor(parts: RoomParts) {
    this.id = parts.row.id;
    this.kind = parts.row.kind;
    this.epoch = parts.row.epoch;
    this.doc = parts.doc;
    this.#path = parts.row.path;
    this.#recorder = parts.recorder;
    this.#vouchers = parts.vouchers;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#presence = new PresenceRelay({
      document: this.id,
      clock: parts.clock,
      deliver: (bytes, except) => this.#sendToAll(bytes, except),
      told: (peer, hasLeft) => this.presenceChanged.emit({ peer, hasLeft }),
    });
    this.#state = new RoomState({ ...parts, document: this.id, seq: parts.lastSeq });
    this.#fanOut = this.#ends.add(
      new FanOut({
        document: this.id,
        clock: parts.clock,
        readers: () => this.#seats.size,
        lag: parts.lag ?? (() => 0),
        vouch: (outgoing) => this.#vouch(outgoing),
        durable: () => this.#recorder.durableSeq(this.id),
        deliver: (bytes, except) => this.#sendToAll(bytes, except),
      }),
    );
    const onUpdate = (bytes: Uint8Array, by: unknown) => this.#changedBy(bytes, by);
    this.doc.on('update', onUpdate);
    this.#ends.add(() => this.doc.off('update', onUpdate));
    this.#ends.add(
      this.#recorder.onDurable(({ document, seq }) => {
        if (document === this.id) this.#durable(seq);
      }),
    );
  }

  get path(): string {
    return this.#path;
  }

  /** Number of the last history entry that this room made. */
  get lastSeq(): number {
    return this.#state.seq;
  }

  get row(): DocumentRow {
    return { id: this.id, kind: this.kind, path: this.#path, epoch: this.epoch };
  }

  /** How many are here, guests too. */
  get seats(): number {
    return this.#seats.size + this.#guests.size;
  }

  /** Who is here and where, guests too. */
  get peers(): readonly Peer[] {
    return this.#present.map(peerOf);
  }

  /** The same without guests. */
  get peersInPage(): readonly Peer[] {
    return [...this.#seats.values()].map(peerOf);
  }

  get live(): LiveSource | null {
    return this.#live;
  }

  /** The live document of a notebook; given once, before anybody joins. */
  useLive(live: LiveSource): void {
    this.#live = live;
  }

  // ---- sessions

  has(session: SessionId): boolean {
    return this.#seats.has(session);
  }

  /** Answers `doc.open`; a session that is already here opens anew (after a gap, or with another state). */
  join(session: RoomSession, open: UpFrameOf<'doc.open'>, clientVector: Uint8Array): void {
    const update = this.#missing(open, clientVector);
    if (update === null) {
      session.send({ t: 'error', re: open.id, error: malformed('its state vector is damaged') });
      return;
    }
    this.#fanOut.flush();
    const isNew = !this.#seats.has(session.id);
    const seat = this.#seats.get(session.id) ?? new Seat(session);
    this.#seats.set(session.id, seat);
    seat.isLost = false;
    if (open.n !== undefined) seat.lastN = Math.max(seat.lastN ?? 0, open.n);
    const fresh = this.#fresh;
    const payload = [Y.encodeStateVector(this.doc), update, ...fresh.map(({ bytes }) => bytes)];
    session.send(
      {
        t: 'doc.opened',
        re: open.id,
        doc: this.id,
        path: this.#path,
        kind: this.kind,
        epoch: this.epoch,
        mayEdit: session.may('document.edit'),
        seq: this.lastSeq,
        ...(this.#live ? { live: this.#live.state } : {}),
        peers: this.#present.filter((other) => other !== seat).map(peerOf),
        file: this.#file,
        vouchers: fresh.map((each) => this.#vouch(each)),
        parts: payload.map((part) => part.length),
      },
      joinPayload(payload),
    );
    if (!isNew) return;
    this.#presence.joined(seat);
    this.seatsChanged.emit(this.seats);
  }

  leave(session: SessionId): void {
    const seat = this.#seats.get(session);
    if (!seat) return;
    this.#seats.delete(session);
    seat.dispose();
    this.#presence.left(seat);
    this.seatsChanged.emit(this.seats);
  }

  presence(session: SessionId, state: PresenceState | null): void {
    const seat = this.#seats.get(session) ?? this.#guests.get(session);
    if (seat) this.#presence.moved(seat, state);
  }

  /** Somebody is here by another wire until this is disposed; `presence` takes their session, too. */
  welcome(session: Present['session']): Disposable {
    const seat = new GuestSeat(session);
    this.#guests.set(session.id, seat);
    this.#presence.joined(seat);
    this.seatsChanged.emit(this.seats);
    return {
      dispose: () => {
        if (!this.#guests.delete(session.id)) return;
        seat.dispose();
        this.#presence.left(seat);
        this.seatsChanged.emit(this.seats);
      },
    };
  }

  /** To everybody here, encoded once. */
  broadcast(frame: DownFrame, payload?: Uint8Array): void {
    if (this.#seats.size > 0) this.#sendToAll(encodeFrame(frame, payload), null);
  }

  // ---- edits

  /** `doc.update`: `n` is the client's number of the last update. Answers with saved (later), rejected or resync. */
  receive(
    session: RoomSession,
    updates: readonly Uint8Array[],
    origins: readonly ClientOrigin[],
    n: number,
  ): void {
    const seat = this.#seats.get(session.id);
    if (!seat || seat.isLost) return;
    if (!session.may('document.edit')) {
      this.#reject(seat, n, mayNotEdit());
      return;
    }
    const first = n - updates.length + 1;
    if (first < 0 || updates.length === 0 || origins.length !== updates.length) {
      this.#reject(seat, n, appError('frame/malformed', { details: { why: 'its numbers do not fit' } }));
      return;
    }
    if (seat.lastN !== null && first > seat.lastN + 1) {
      this.#askAgain(seat);
      return;
    }
    if (updates.length === 1) this.#take(seat, updates, origins, first);
    else this.#fanOut.together(() => this.#take(seat, updates, origins, first));
    this.#tellSaved(seat, this.#recorder.durableSeq(this.id));
  }

  /**
   * `doc.recover`: what this server had handed out before it crashed. An edit of whoever it vouched for then; without a
   * voucher, or with a false one, of who brings it. Goes to everybody, also to who brings it: it has a number again.
   */
  recover(session: RoomSession, updates: readonly Uint8Array[], vouchers: readonly (Voucher | null)[]): void {
    const seat = this.#seats.get(session.id);
    if (!seat || seat.isLost) return;
    const n = seat.lastN ?? 0;
    this.#fanOut.together(() => {
      for (const [index, bytes] of updates.entries()) {
        const voucher = vouchers[index] ?? null;
        const isVouched = voucher !== null && this.#vouchers.isGenuine(this, bytes, voucher);
        if (!isVouched && !session.may('document.edit')) return this.#reject(seat, n, mayNotEdit());
        const edit = isVouched
          ? new Edit(authorOfVoucher(voucher), voucher.origin, null, bytes)
          : new Edit(authorOfSession(session), 'recovery', null, bytes);
        if (!this.#place(seat, bytes, edit, n)) return;
      }
    });
  }

  /**
   * An edit by the server itself (restore, disk, kernelspec). `change` must use `by` as origin of its transactions.
   * Returns the number of the last history entry that it made, or null when nothing changed.
   */
  edit(author: EntryAuthor, origin: Origin, change: (doc: Y.Doc, by: object) => void): number | null {
    const before = this.lastSeq;
    const by = new Edit(author, origin, null, null);
    this.#fanOut.together(() => this.doc.transact(() => change(this.doc, by), by));
    return this.lastSeq === before ? null : this.lastSeq;
  }

  // ---- what the project tells

  /** `hash`: SHA-256 of the bytes on disk, null when they are not known. */
  setFile(file: FileState, hash: string | null = null): void {
    const isSame = file.state === this.#file.state && file.message === this.#file.message;
    if (isSame && hash === this.#fileHash) return;
    this.#file = file;
    this.#fileHash = hash;
    if (!isSame) this.broadcast({ t: 'doc.file', doc: this.id, file });
    this.fileChanged.emit(file);
  }

  get file(): FileState {
    return this.#file;
  }

  get fileHash(): string | null {
    return this.#fileHash;
  }

  renamed(path: string): void {
    this.#path = path;
    this.broadcast({ t: 'doc.renamed', doc: this.id, path });
    this.moved.emit(path);
  }

  /** Everybody must leave: the document was deleted or taken away. */
  expel(error: AppError): void {
    this.broadcast({ t: 'doc.closed', doc: this.id, error: toWireError(error) });
    for (const session of [...this.#seats.keys()]) this.leave(session);
    this.expelled.emit(error);
  }

  dispose(): void {
    this.#state.dispose();
    for (const seat of this.#present) seat.dispose();
    this.#seats.clear();
    this.#guests.clear();
    this.#ends.dispose();
    this.doc.destroy();
  }

  // ---- inside

  get #present(): readonly (Seat | GuestSeat)[] {
    return [...this.#seats.values(), ...this.#guests.values()];
  }

  #vouch({ bytes, author, origin }: Outgoing): Voucher {
    return this.#vouchers.vouch(this, bytes, author, origin);
  }

  #take(seat: Seat, updates: readonly Uint8Array[], origins: readonly ClientOrigin[], firstN: number): void {
    const { session } = seat;
    const author = authorOfSession(session);
    for (const [index, bytes] of updates.entries()) {
      const n = firstN + index;
      if (!this.#place(seat, bytes, new Edit(author, origins[index] ?? 'typing', session.id, bytes), n))
        return;
      seat.lastN = Math.max(seat.lastN ?? 0, n);
      seat.awaits(n, this.lastSeq);
    }
  }

  /** False when the update is not whole in the document; the session has been told. */
  #place(seat: Seat, bytes: Uint8Array, edit: Edit, n: number): boolean {
    const placement = bytes.length > maxUpdateBytes ? 'too-large' : placementOf(bytes, this.#clockOf).is;
    switch (placement) {
      case 'too-large':
        this.#reject(seat, n, appError('frame/too-large', { details: { limit: maxUpdateBytes } }));
        return false;
      case 'malformed':
        this.#reject(seat, n, damaged());
        return false;
      case 'gap':
        this.#askAgain(seat);
        return false;
      case 'placeable':
        return this.#apply(seat, bytes, edit, n);
    }
  }

  #apply(seat: Seat, bytes: Uint8Array, edit: Edit, n: number): boolean {
    try {
      if (applyWhole(this.doc, bytes, edit)) return true;
      this.#askAgain(seat);
    } catch (error) {
      this.#logger.warn({ err: error, document: this.id, session: seat.session.id }, 'update refused by Yjs');
      this.#reject(seat, n, damaged());
    }
    return false;
  }

  /** One transaction took effect. Also catches edits that came by no door: nothing stays out of the history. */
  #changedBy(applied: Uint8Array, by: unknown): void {
    const edit = by instanceof Edit ? by : new Edit(nobody, 'api', null, null);
    const bytes = recordedOf(edit, applied);
    const seq = this.#recorder.record({
      kind: 'update',
      document: this.id,
      at: this.#clock.now(),
      author: edit.author,
      origin: edit.origin,
      update: bytes,
    });
    this.#state.changed(seq);
    const outgoing = { bytes, seq, author: edit.author, origin: edit.origin, from: edit.from };
    this.#fresh.push(outgoing);
    if (this.#fresh.length > mostFresh) this.#fresh.shift();
    this.#fanOut.push(outgoing);
    this.changed.emit({ seq, origin: edit.origin });
  }

  #durable(seq: number): void {
    this.#fresh = this.#fresh.filter((update) => update.seq > seq);
    for (const seat of this.#seats.values()) this.#tellSaved(seat, seq);
  }

  #tellSaved(seat: Seat, durableSeq: number): void {
    const n = seat.durable(durableSeq);
    if (n !== null) seat.session.send({ t: 'doc.saved', doc: this.id, n, seq: durableSeq });
  }

  #reject(seat: Seat, n: number, error: AppError): void {
    seat.isLost = true;
    seat.session.send({ t: 'doc.rejected', doc: this.id, n, error: toWireError(error) });
  }

  #askAgain(seat: Seat): void {
    seat.isLost = true;
    seat.session.send({ t: 'doc.resync', doc: this.id });
  }

  /** What the client lacks; null when its vector cannot be read. */
  #missing(open: UpFrameOf<'doc.open'>, clientVector: Uint8Array): Uint8Array | null {
    const isOfThisHistory = open.epoch === undefined || open.epoch === this.epoch;
    if (!isOfThisHistory || clientVector.length <= 1) return this.#state.encoded();
    try {
      return Y.encodeStateAsUpdate(this.doc, clientVector);
    } catch {
      return null;
    }
  }

  #sendToAll(bytes: Uint8Array, except: SessionId | null): void {
    for (const [id, seat] of this.#seats) {
      if (id !== except) seat.session.sendEncoded(bytes);
    }
  }
}

function mayNotEdit(): AppError {
  return appError('access/forbidden', { details: { action: 'edit' } });
}

function malformed(why: string) {
  return toWireError(appError('frame/malformed', { details: { why } }));
}

function damaged(): AppError {
  return appError('frame/malformed', { details: { why: 'the update is damaged' } });
}
