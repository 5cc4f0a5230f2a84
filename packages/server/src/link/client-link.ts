/**
 * One browser tab's socket in one project: the only place where its bytes become typed frames. It checks the right of
 * every frame anew, hands it to its noun, and is the RoomSession through which rooms send. It never keeps a document,
 * and what a slow reader has not taken is capped: then the socket closes and the tab opens anew.
 */
import { randomUUID } from 'node:crypto';
import { AppError } from '@cahier/base/app-error.ts';
import { type Disposable, DisposableStore } from '@cahier/base/disposable.ts';
import { asSessionId, type PersonId, type ProjectId, type SessionId } from '@cahier/base/ids.ts';
import { type AccessSettings, type Action, may, type Role } from '@cahier/core/access/rights.ts';
import { appError } from '@cahier/core/errors.ts';
import type { DownFrame, PersonOnWire, SetupState } from '@cahier/protocol/client/down.ts';
import { type UpFrame, up } from '@cahier/protocol/client/up.ts';
import { decodeFrame, encodeFrame } from '@cahier/protocol/frame.ts';
import { protocolVersion } from '@cahier/protocol/version.ts';
import { closeCodeOf, toWireError } from '@cahier/protocol/wire-error.ts';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { actionInWords } from '../http/action-in-words.ts';
import type { RoomSession } from '../rooms/room-session.ts';
import { actionOf, type FrameResult, type FrameTable, takeFrame } from './frame-table.ts';
import { watchLiveness } from './liveness.ts';

/** What the link needs of an open project. */
export interface ClientProject {
  readonly frames: FrameTable;
  /** The session is in the project until this is disposed. */
  enter(session: RoomSession): Disposable;
}

export interface ClientLinkDeps {
  readonly socket: WebSocket;
  readonly project: ProjectId;
  readonly person: PersonOnWire & { readonly id: PersonId };
  readonly role: Role;
  /** What the project's owner has set about rights, now. */
  readonly access?: () => AccessSettings;
  /** Hash of the session that signed in; null when a token did. */
  readonly signIn: string | null;
  readonly setup: () => SetupState;
  readonly open: () => Promise<ClientProject>;
  readonly logger: Logger;
  /** How long a socket may stay without `hello`, ms. */
  readonly helloWithinMs?: number;
}

/** Bytes waiting for a reader, answers to its own requests not counted. */
export const longestQueue = 4 * 1024 * 1024;
export const longestFrame = 64 * 1024 * 1024;
const mostMalformed = 5;
const helloWithinMs = 15_000;
const closeWithinMs = 2_000;

export class ClientLink implements RoomSession {
  readonly id: SessionId = asSessionId(randomUUID());
  readonly project: ProjectId;
  readonly person: PersonOnWire & { readonly id: PersonId };
  readonly signIn: string | null;
  readonly #socket: WebSocket;
  readonly #deps: ClientLinkDeps;
  readonly #ends = new DisposableStore();
  #role: Role | null;
  #frames: FrameTable | null = null;
  #hasGreeted = false;
  #malformed = 0;
  /** Bytes of answers that this client asked for and has not taken yet. */
  #excused = 0;

  constructor(deps: ClientLinkDeps) {
    this.#deps = deps;
    this.#socket = deps.socket;
    this.#role = deps.role;
    this.project = deps.project;
    this.person = deps.person;
    this.signIn = deps.signIn;
    const { socket } = deps;
    socket.on('message', (data, isBinary) => this.#message(data, isBinary));
    socket.on('error', (error) =>
      deps.logger.debug({ err: error, session: this.id }, 'client socket failed'),
    );
    socket.on('close', () => this.#ends.dispose());
    this.#ends.add(watchLiveness(socket));
    const greeting = setTimeout(() => {
      if (!this.#hasGreeted) this.close(4400, 'no hello');
    }, deps.helloWithinMs ?? helloWithinMs);
    this.#ends.add(() => clearTimeout(greeting));
    socket.pause();
    void this.#open();
  }

  /** Ends with the socket. */
  get ended(): DisposableStore {
    return this.#ends;
  }

  may(action: Action): boolean {
    return this.#role !== null && may(this.#role, action, this.#deps.access?.());
  }

  send(frame: DownFrame, payload?: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN || this.#isTooSlow()) return;
    const bytes = encodeFrame(frame, payload);
    this.#excused += bytes.length;
    this.#socket.send(bytes, () => {
      this.#excused -= bytes.length;
    });
  }

  sendEncoded(bytes: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN || this.#isTooSlow()) return;
    this.#socket.send(bytes);
  }

  /** Rights change at once; the socket closes so that the tab learns its new role (or that it has none). */
  changeRole(role: Role | null): void {
    this.#role = role;
    if (role === null) this.close(closeCodeOf.forbidden, 'no longer in this project');
    else this.close(1012, 'the role has changed');
  }

  close(code: number, reason: string): void {
    if (this.#ends.isDisposed) return;
    this.#socket.close(code, reason);
    // a reader that takes nothing would hold its queue until the close handshake times out
    const hurry = setTimeout(() => this.#socket.terminate(), closeWithinMs);
    hurry.unref();
    this.#socket.once('close', () => clearTimeout(hurry));
  }

  async #open(): Promise<void> {
    try {
      const project = await this.#deps.open();
      if (this.#ends.isDisposed) return;
      this.#frames = project.frames;
      this.#ends.add(project.enter(this));
      this.#socket.resume();
    } catch (error) {
      this.#deps.logger.error({ err: error, project: this.project }, 'project did not open');
      this.send({ t: 'error', error: toWireError(error, this.id) });
      this.close(1013, 'the project did not open');
      this.#socket.resume();
    }
  }

  #message(data: RawData, isBinary: boolean): void {
    let header: unknown;
    try {
      if (!isBinary || !(data instanceof Uint8Array)) throw malformed('it is not binary');
      const raw = decodeFrame(data);
      header = raw.header;
      const frame = up.safeParse(header);
      if (!frame.success) throw malformed(frame.error.issues[0]?.message.slice(0, 200) ?? 'its form');
      this.#take(frame.data, raw.payload);
    } catch (error) {
      this.#refuse(error, requestIdOf(header));
    }
  }

  #take(frame: UpFrame, payload: Uint8Array): void {
    if (frame.t === 'hello') return this.#greet(frame.protocol);
    if (!this.#hasGreeted || !this.#frames) throw malformed('hello comes first');
    if (frame.t === 'ping') return this.send({ t: 'reply', re: frame.id, result: null });
    const action = actionOf(this.#frames, frame.t);
    if (action !== null && !this.may(action)) {
      throw appError('access/forbidden', { details: { action: actionInWords(action) } });
    }
    const result = takeFrame(this.#frames, this, frame, payload);
    if (result instanceof Promise) void this.#answerLater(result, requestIdOf(frame));
    else this.#answer(result, requestIdOf(frame));
  }

  async #answerLater(result: Promise<FrameResult>, id: number | undefined): Promise<void> {
    try {
      this.#answer(await result, id);
    } catch (error) {
      this.#refuse(error, id);
    }
  }

  #answer(result: FrameResult, id: number | undefined): void {
    if (result !== undefined && id !== undefined) this.send({ t: 'reply', re: id, result });
  }

  #greet(protocol: number): void {
    if (protocol !== protocolVersion) {
      this.send({ t: 'error', error: toWireError(appError('protocol/mismatch')) });
      this.close(4426, 'another protocol version');
      return;
    }
    if (this.#hasGreeted || this.#role === null) throw malformed('hello comes once');
    this.#hasGreeted = true;
    this.send({
      t: 'welcome',
      session: this.id,
      person: this.person,
      role: this.#role,
      mayReadHistory: this.may('history.read'),
      setup: this.#deps.setup(),
      protocol: protocolVersion,
    });
  }

  /** The edge where whatever a frame threw is caught, logged once and answered. */
  #refuse(error: unknown, id: number | undefined): void {
    if (!(error instanceof AppError) || error.kind === 'internal') {
      this.#deps.logger.error({ err: error, session: this.id, project: this.project }, 'frame failed');
    }
    this.send({ t: 'error', ...(id === undefined ? {} : { re: id }), error: toWireError(error, this.id) });
    if (!(error instanceof AppError) || error.code !== 'frame/malformed') return;
    this.#malformed += 1;
    if (this.#malformed >= mostMalformed) this.close(closeCodeOf.invalid, 'malformed frames');
  }

  #isTooSlow(): boolean {
    if (this.#socket.bufferedAmount - this.#excused <= longestQueue) return false;
    this.#deps.logger.warn({ session: this.id, project: this.project }, 'reader too slow, closed');
    this.close(1013, 'reading too slowly');
    return true;
  }
}

/** The number by which the answer finds its question. */
function requestIdOf(header: unknown): number | undefined {
  if (typeof header !== 'object' || header === null || !('id' in header)) return undefined;
  return typeof header.id === 'number' && Number.isSafeInteger(header.id) && header.id >= 0
    ? header.id
    : undefined;
}

function malformed(why: string): AppError {
  return appError('frame/malformed', { details: { why } });
}
