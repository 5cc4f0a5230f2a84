/**
 * The one socket of this tab to one project. It frames, parses, numbers requests, and comes back after every cut; it
 * knows nothing of documents. Down frames are parsed here and nowhere else.
 */
import type { AppError } from '@cahier/base/app-error.ts';
import { backoffMs } from '@cahier/base/backoff.ts';
import { DisposableStore } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { type DownFrame, type DownFrameOf, down } from '@cahier/protocol/client/down.ts';
import type { UpFrame } from '@cahier/protocol/client/up.ts';
import { decodeFrame, encodeFrame } from '@cahier/protocol/frame.ts';
import { protocolVersion } from '@cahier/protocol/version.ts';
import { fromWireError } from '@cahier/protocol/wire-error.ts';
import { type Readable, Store } from '../rooms/store.ts';
import { type CloseVerdict, classifyClose } from './classify-close.ts';

export type Welcome = DownFrameOf<'welcome'>;

export type LinkState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open'; readonly welcome: Welcome }
  /** Cut off; tried again by itself. */
  | { readonly phase: 'waiting' }
  /** Tried no more: the page must sign in, reload, or leave. */
  | { readonly phase: 'ended'; readonly verdict: CloseVerdict; readonly message: string };

export interface Received {
  readonly frame: DownFrame;
  readonly payload: Uint8Array;
}

type Requests = Extract<UpFrame, { id: number }>;
type WithoutId<F> = F extends unknown ? Omit<F, 'id'> : never;
/** A frame that is answered, before the link has numbered it. */
export type RequestFrame = WithoutId<Requests>;

interface Waiting {
  resolve(received: Received): void;
  reject(error: AppError): void;
}

/** Silence after which the link asks for a sign of life, and then how long it waits for it. Milliseconds. */
const quietMs = 25_000;
const answerMs = 8_000;

export class ProjectLink {
  readonly project: ProjectId;
  readonly tab: string;
  readonly #state = new Store<LinkState>({ phase: 'connecting' });
  readonly #received = new Emitter<Received>();
  readonly #ends = new DisposableStore();
  readonly #waiting = new Map<number, Waiting>();
  #socket: WebSocket | undefined;
  #attempt = 0;
  #lastId = 0;
  #lastHeard = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #lastError: AppError | undefined;

  constructor(project: ProjectId, tab: string) {
    this.project = project;
    this.tab = tab;
    const hurry = () => {
      if (this.#state.get().phase === 'waiting') this.#connect();
    };
    const look = () => {
      if (document.visibilityState === 'visible') {
        hurry();
        this.#checkLife();
      }
    };
    const drop = () => this.#cut();
    addEventListener('online', hurry);
    addEventListener('offline', drop);
    document.addEventListener('visibilitychange', look);
    const pulse = setInterval(() => this.#checkLife(), quietMs);
    this.#ends.add(() => {
      removeEventListener('online', hurry);
      removeEventListener('offline', drop);
      document.removeEventListener('visibilitychange', look);
      clearInterval(pulse);
      clearTimeout(this.#retry);
      this.#socket?.close(1000);
    });
    this.#connect();
  }

  get state(): Readable<LinkState> {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.get().phase === 'open';
  }

  /** Every parsed frame that is not the answer to a request. */
  on(listener: (received: Received) => void): () => void {
    const subscription = this.#received.on(listener);
    return () => subscription.dispose();
  }

  /** False when there is no link: the frame was not sent and will not be. */
  send(frame: UpFrame, payload?: Uint8Array): boolean {
    if (!this.isOpen || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(new Uint8Array(encodeFrame(frame, payload)));
    return true;
  }

  /** Rejects with the server's error, with `link/offline` when there is no link, `link/cut` when it ended meanwhile. */
  request(frame: RequestFrame, payload?: Uint8Array): Promise<Received> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      if (!this.send({ ...frame, id }, payload)) {
        this.#waiting.delete(id);
        reject(appError('link/offline'));
      }
    });
  }

  /** Tries at once (a button, or the page knows that the way is free). */
  retryNow(): void {
    if (this.#state.get().phase !== 'open') this.#connect();
  }

  dispose(): void {
    this.#ends.dispose();
    this.#rejectAll();
  }

  #connect(): void {
    if (this.#ends.isDisposed) return;
    const current = this.#socket?.readyState;
    if (current === WebSocket.CONNECTING || current === WebSocket.OPEN) return;
    clearTimeout(this.#retry);
    const url = new URL(`/p/${encodeURIComponent(this.project)}/link`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      this.#lastHeard = Date.now();
      const hello: UpFrame = { t: 'hello', protocol: protocolVersion, tab: this.tab };
      socket.send(new Uint8Array(encodeFrame(hello)));
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (socket !== this.#socket) return;
      this.#lastHeard = Date.now();
      if (event.data instanceof ArrayBuffer) this.#take(new Uint8Array(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    };
  }

  #take(bytes: Uint8Array): void {
    const { header, payload } = decodeFrame(bytes);
    const parsed = down.safeParse(header);
    // A newer server may know frames that this page does not: they are passed over.
    if (!parsed.success) return;
    const frame = parsed.data;
    if (frame.t === 'welcome') {
      this.#attempt = 0;
      this.#state.set({ phase: 'open', welcome: frame });
    }
    if (frame.t === 'error') this.#lastError = fromWireError(frame.error);
    if ('re' in frame && frame.re !== undefined) {
      const waiting = this.#waiting.get(frame.re);
      this.#waiting.delete(frame.re);
      if (frame.t === 'error') waiting?.reject(fromWireError(frame.error));
      else waiting?.resolve({ frame, payload });
      return;
    }
    this.#received.emit({ frame, payload });
  }

  #closed(code: number): void {
    this.#socket = undefined;
    this.#rejectAll();
    if (this.#ends.isDisposed) return;
    const verdict = classifyClose(code);
    if (verdict.do !== 'retry') {
      this.#state.set({ phase: 'ended', verdict, message: this.#lastError?.message ?? '' });
      return;
    }
    this.#state.set({ phase: 'waiting' });
    const wait = backoffMs(this.#attempt++, Math.random(), verdict.isBusy ? 1_000 : 250, 8_000);
    this.#retry = setTimeout(() => this.#connect(), wait);
  }

  /** A link can be dead without saying so (a sleeping laptop): after silence, ask; without an answer, start anew. */
  #checkLife(): void {
    const socket = this.#socket;
    if (!this.isOpen || !socket || Date.now() - this.#lastHeard < quietMs) return;
    const asked = Date.now();
    this.request({ t: 'ping' }).catch(() => undefined);
    setTimeout(() => {
      if (this.#socket === socket && this.#lastHeard < asked) this.#cut();
    }, answerMs);
  }

  /** Leaves a socket without waiting for its closing handshake, which a dead line never ends. */
  #cut(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.close(4000);
    this.#closed(1006);
  }

  #rejectAll(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(appError('link/cut'));
    this.#waiting.clear();
  }
}
