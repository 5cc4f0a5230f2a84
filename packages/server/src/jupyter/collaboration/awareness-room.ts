/**
 * A room without a document: who is in the project and which documents they look at (`JupyterLab:globalAwareness`). Each
 * client hears of all others, and its own words again, by which it knows that the line is alive.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { KindId } from '@cahier/core/documents/kind.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';
import { type AwarenessEntry, AwarenessTable, decodeAwareness, encodeAwareness } from './awareness-table.ts';
import { awarenessFrame, type LabFrame, step2Frame } from './lab-frames.ts';
import type { LabSocket } from './lab-socket.ts';
import { PagePeople, withIdentity } from './page-people.ts';

const sweepMs = 3_000;
const renewMs = 15_000;
const outdatedMs = 30_000;
/** Nothing to be told: an update without content. */
const nothing = Uint8Array.of(0, 0);

/** Somebody in the page, and the documents that they have open. */
export interface PagePresence {
  readonly peer: Peer;
  readonly documents: readonly { readonly path: string; readonly kind: KindId }[];
}

export interface AwarenessRoomParts {
  readonly clock: Clock;
  readonly newClient: () => number;
  /** Who is in the page now. */
  readonly people: () => readonly PagePresence[];
}

export class AwarenessRoom implements Disposable {
  readonly #parts: AwarenessRoomParts;
  readonly #clock: Clock;
  readonly #page: PagePeople;
  readonly #table = new AwarenessTable();
  readonly #sockets = new Set<LabSocket>();
  #timer: Disposable | null = null;

  constructor(parts: AwarenessRoomParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#page = new PagePeople({ newClient: parts.newClient, tell: (entries) => this.#tell(entries) });
  }

  get sockets(): ReadonlySet<LabSocket> {
    return this.#sockets;
  }

  join(socket: LabSocket): void {
    this.#sockets.add(socket);
    socket.ended.add(() => this.#leave(socket));
    this.#lookAtPage();
    this.#tellAll(socket);
    if (this.#timer === null) this.#sweepLater(this.#clock.now());
    socket.listen((frame) => this.#take(socket, frame));
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = null;
  }

  #take(socket: LabSocket, frame: LabFrame): void {
    switch (frame.is) {
      case 'step1':
        return socket.send(step2Frame(nothing));
      case 'awareness': {
        const said = decodeAwareness(frame.update);
        if (said === null) return socket.close(1007, 'the message could not be read');
        const { person } = socket.client.principal;
        const named = said
          .filter(({ client }) => !this.#page.has(client))
          .map((entry) => ({ ...entry, state: entry.state && withIdentity(entry.state, socket) }));
        return this.#tell(this.#table.take(socket, person.id, named, this.#clock.now()));
      }
      case 'awareness.query':
        return this.#tellAll(socket);
      case 'malformed':
        return socket.close(1007, 'the message could not be read');
      default:
        return undefined;
    }
  }

  #tellAll(socket: LabSocket): void {
    const all = [...this.#table.all, ...this.#page.all];
    if (all.length > 0) socket.send(awarenessFrame(encodeAwareness(all)));
  }

  #tell(entries: readonly AwarenessEntry[]): void {
    if (entries.length === 0) return;
    const frame = awarenessFrame(encodeAwareness(entries));
    for (const socket of [...this.#sockets]) socket.send(frame);
  }

  #leave(socket: LabSocket): void {
    this.#sockets.delete(socket);
    this.#tell(this.#table.left(socket, this.#clock.now()));
    if (this.#sockets.size === 0) this.dispose();
  }

  #sweepLater(renewedAt: number): void {
    this.#timer = this.#clock.after(sweepMs, () => {
      const now = this.#clock.now();
      this.#tell(this.#table.outdated(now - outdatedMs, now));
      this.#lookAtPage();
      const isDue = now - renewedAt >= renewMs;
      if (isDue) this.#page.renew();
      this.#sweepLater(isDue ? now : renewedAt);
    });
  }

  #lookAtPage(): void {
    const people = this.#parts.people();
    for (const { peer, documents } of people) {
      const [first] = documents;
      const current = first ? `${first.kind === 'notebook' ? 'notebook' : 'editor'}:${first.path}` : null;
      this.#page.put(peer, { current, documents: documents.map(({ path }) => path) });
    }
    this.#page.keep(new Set(people.map(({ peer }) => peer.session)));
  }
}
