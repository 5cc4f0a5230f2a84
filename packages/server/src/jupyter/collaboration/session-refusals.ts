/**
 * How a client is refused: because it holds another history of the document, may not write and tries, or asks for what is
 * not there. It must hear the reason once, and then be quiet. y-websocket 1.x dials again some nine times a second after
 * such an end, because a socket that opened resets its patience; so those that come again are held open and told nothing
 * for a while.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { LabSocket } from './lab-socket.ts';

/** A close code that jupyter-collaboration knows, and its reason (at most 123 bytes). */
export interface Refusal {
  readonly code: 1003 | 4400 | 4404 | 4500;
  readonly reason: string;
}

/** Held so long; shorter than the 30 s after which the client itself ends a silent socket. */
const holdMs = 25_000;
const rememberedMs = 120_000;
/** A client says who it is with its first frames. */
const introductionMs = 500;
const mostRemembered = 10_000;
const mostHeld = 500;

/** By this JupyterLab shows a dialog and gives up its copy, so that it does not go on to show what nobody else has. */
export function endOfSession(sessionId: string, errorReason?: string): Refusal {
  const reason = { reason: 'unknown_session', sessionId, reloadable: true };
  return {
    code: 1003,
    reason: JSON.stringify(errorReason === undefined ? reason : { ...reason, errorReason }),
  };
}

export class SessionRefusals {
  readonly #clock: Clock;
  /** Who was told, and when. */
  readonly #told = new Map<string, number>();
  /** Sockets that are being refused: not in any room. */
  readonly #sockets = new Set<LabSocket>();
  #held = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sockets that are held now. */
  get held(): number {
    return this.#held;
  }

  /** `about`: what the refusal is about; the same client is told once of it. Takes the socket over. */
  refuse(socket: LabSocket, about: string, refusal: Refusal): void {
    const { principal } = socket.client;
    this.#sockets.add(socket);
    socket.ended.add(() => void this.#sockets.delete(socket));
    const who = principal.limits?.token ?? principal.session ?? principal.person.id;
    const decide = () => {
      waiting.dispose();
      socket.listen(() => undefined);
      this.#decide(socket, JSON.stringify([who, socket.clientId, about]), refusal);
    };
    // without a name of its own (Python's clients) all of a person's programs are one
    const waiting = this.#clock.after(socket.clientId === null ? introductionMs : 0, decide);
    socket.ended.add(waiting);
    socket.listen((frame) => {
      if (frame.is === 'awareness') decide();
    });
  }

  closeAll(code: number, reason: string): void {
    for (const socket of [...this.#sockets]) socket.close(code, reason);
  }

  #decide(socket: LabSocket, key: string, refusal: Refusal): void {
    const now = this.#clock.now();
    const toldAt = this.#told.get(key);
    this.#told.delete(key);
    this.#told.set(key, now);
    for (const [old, at] of this.#told) {
      if (this.#told.size <= mostRemembered && now - at < rememberedMs) break;
      this.#told.delete(old);
    }
    const isNews = toldAt === undefined || now - toldAt > rememberedMs;
    if (isNews || this.#held >= mostHeld) return socket.close(refusal.code, refusal.reason);
    this.#held += 1;
    socket.ended.add(() => {
      this.#held -= 1;
    });
    socket.ended.add(this.#clock.after(holdMs, () => socket.close(refusal.code, refusal.reason)));
  }
}
