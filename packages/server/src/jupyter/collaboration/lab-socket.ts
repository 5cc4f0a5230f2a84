/**
 * The socket of one client of JupyterLab's collaboration protocol: who it is, what it may do now, and a queue of bounded
 * length to it. Pings keep it alive through proxies and end it when the other side is silently gone. It knows no room.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@cahier/base/clock.ts';
import { DisposableStore } from '@cahier/base/disposable.ts';
import { asSessionId, type ProjectId, type SessionId } from '@cahier/base/ids.ts';
import { type AccessSettings, type Action, may, type Role } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { Logger } from 'pino';
import type { Principal } from '../../http/principal.ts';
import { decodeAwareness } from './awareness-table.ts';
import { type LabFrame, decodeLabFrame } from './lab-frames.ts';

/** Who came in, as the gate found it. */
export interface LabClient {
  readonly project: ProjectId;
  readonly principal: Principal;
  readonly role: Role;
}

/** What is used of ws' WebSocket. */
export interface LabWire {
  readonly readyState: number;
  readonly OPEN: number;
  readonly bufferedAmount: number;
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'pong' | 'close', listener: () => void): unknown;
  send(bytes: Uint8Array, sent?: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface LabSocketParts {
  readonly socket: LabWire;
  readonly client: LabClient;
  /** What the project's owner has set about rights, now. */
  readonly access: () => AccessSettings;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Bytes that a client has not taken yet, whole documents that it asked for not counted. */
export const mostUnread = 16 * 1024 * 1024;
export const longestMessage = 64 * 1024 * 1024;
/** Bytes that wait while a room opens; `frameCost` for each frame, since small ones take more than their bytes. */
export const mostEarly = 16 * 1024 * 1024;
const frameCost = 256;
const pingEveryMs = 30_000;
const silentMs = 90_000;
const closeWithinMs = 2_000;
const longestReason = 123;

export class LabSocket {
  readonly id: SessionId = asSessionId(randomUUID());
  readonly client: LabClient;
  readonly #parts: LabSocketParts;
  readonly #socket: LabWire;
  readonly #ends = new DisposableStore();
  #onFrame: ((frame: LabFrame) => void) | null = null;
  /** What came before somebody listened. */
  #early: LabFrame[] = [];
  #earlyBytes = 0;
  #clientId: number | null = null;
  #excused = 0;
  #heardAt: number;
  #isClosing = false;

  constructor(parts: LabSocketParts) {
    const { socket, clock, client } = parts;
    this.#parts = parts;
    this.#socket = socket;
    this.client = client;
    this.#heardAt = clock.now();
    const heard = () => {
      this.#heardAt = clock.now();
    };
    socket.on('pong', heard);
    socket.on('message', (data, isBinary) => {
      heard();
      if (!this.isOpen) return;
      const isBytes = isBinary && data instanceof Uint8Array;
      this.#take(isBytes ? decodeLabFrame(data) : { is: 'malformed' }, isBytes ? data.length : 0);
    });
    // too long, not UTF-8, cut: ws closes with the code that says so
    socket.on('error', (error) =>
      parts.logger.debug({ err: error, session: this.id }, 'a lab socket failed'),
    );
    socket.on('close', () => this.#ends.dispose());
    this.#ping();
  }

  get isOpen(): boolean {
    return !this.#isClosing && this.#socket.readyState === this.#socket.OPEN;
  }

  /** The name that the client has over all its sockets; null until it has said it. */
  get clientId(): number | null {
    return this.#clientId;
  }

  /** Ends with the socket. */
  get ended(): DisposableStore {
    return this.#ends;
  }

  get author(): EntryAuthor {
    const { person } = this.client.principal;
    return { person: person.id, name: this.name, session: this.id };
  }

  /** The person, and the program that acts in their name. */
  get name(): string {
    const { person, limits } = this.client.principal;
    return limits?.name === undefined ? person.name : `${person.name} (${limits.name})`;
  }

  may(action: Action): boolean {
    const { principal, role } = this.client;
    const { limits } = principal;
    if (!may(role, action, this.#parts.access())) return false;
    return !limits || scopesAllow(limits.scopes, action);
  }

  /** Frames in order; those that came before this was called come first. */
  listen(onFrame: (frame: LabFrame) => void): void {
    this.#onFrame = onFrame;
    this.#earlyBytes = 0;
    for (const frame of this.#early.splice(0)) if (this.isOpen) onFrame(frame);
  }

  send(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount - this.#excused > mostUnread) {
      this.#parts.logger.warn({ session: this.id }, 'a lab client reads too slowly, closed');
      this.close(1013, 'reading too slowly');
      return;
    }
    this.#socket.send(bytes);
  }

  /** What the client asked for itself, however large. */
  sendAsked(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#excused += bytes.length;
    this.#socket.send(bytes, () => {
      this.#excused -= bytes.length;
    });
  }

  /** Nothing that this client says counts from now on. */
  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#early = [];
    this.#socket.close(code, reason.slice(0, longestReason));
    // a reader that takes nothing would hold its queue until the handshake of closing times out
    const hurry = this.#parts.clock.after(closeWithinMs, () => this.#socket.terminate());
    this.#ends.add(hurry);
  }

  #take(frame: LabFrame, bytes: number): void {
    if (frame.is === 'awareness') this.#clientId ??= decodeAwareness(frame.update)?.[0]?.client ?? null;
    if (this.#onFrame) return this.#onFrame(frame);
    this.#earlyBytes += bytes + frameCost;
    if (this.#earlyBytes <= mostEarly) {
      this.#early.push(frame);
      return;
    }
    this.#parts.logger.warn(
      { session: this.id },
      'a lab client sent too much before its room was open, closed',
    );
    this.close(1013, 'too much before the room is open');
  }

  #ping(): void {
    const { clock } = this.#parts;
    const timer = clock.after(pingEveryMs, () => {
      if (this.#ends.isDisposed) return;
      if (clock.now() - this.#heardAt > silentMs) return this.#socket.terminate();
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
      this.#ping();
    });
    this.#ends.add(timer);
  }
}
