/**
 * Who is in a shared document, told both ways: JupyterLab's clients to each other and to Cahier's page, the page to
 * JupyterLab's clients, cursors translated by the projection. Names are those of who signed in, whatever a client says
 * of itself. Never stored; a fault here touches no document.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { type Disposable, DisposableStore } from '@cahier/base/disposable.ts';
import type { SessionId } from '@cahier/base/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';
import { textOf } from '@cahier/core/documents/text-kind.ts';
import type { LabCursor, LabProjection, SourceCursor } from '@cahier/core/jupyter/lab/projection.ts';
import { cellText } from '@cahier/core/notebooks/source-doc.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';
import type { PresenceState } from '@cahier/protocol/client/up.ts';
import type { Logger } from 'pino';
import * as Y from 'yjs';
import type { Room } from '../../rooms/room.ts';
import { type AwarenessEntry, AwarenessTable, decodeAwareness, encodeAwareness } from './awareness-table.ts';
import { awarenessFrame } from './lab-frames.ts';
import type { LabSocket } from './lab-socket.ts';
import { PagePeople, withIdentity } from './page-people.ts';

export interface LabPeopleParts {
  readonly room: Room;
  readonly projection: Pick<LabProjection, 'toShared' | 'toSource'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newClient: () => number;
  /** To every socket, the one that it came from included: by that it knows that the line is alive. */
  readonly deliver: (frame: Uint8Array) => void;
}

const renewMs = 15_000;
const outdatedMs = 30_000;

export class LabPeople implements Disposable {
  readonly #parts: LabPeopleParts;
  readonly #table = new AwarenessTable();
  readonly #page: PagePeople;
  readonly #guests = new Map<LabSocket, Disposable>();
  readonly #ids = new Set<SessionId>();
  readonly #ends = new DisposableStore();
  #timer: Disposable | null = null;

  constructor(parts: LabPeopleParts) {
    this.#parts = parts;
    this.#page = new PagePeople({
      newClient: parts.newClient,
      tell: (entries) => this.#tell(entries),
    });
    this.#ends.add(
      parts.room.presenceChanged.on(({ peer, hasLeft }) => {
        if (this.#ids.has(peer.session) || this.#guests.size === 0) return;
        if (hasLeft) this.#page.left(peer.session);
        else this.#put(peer);
      }),
    );
    this.#ends.add(() => this.#timer?.dispose());
  }

  get size(): number {
    return this.#guests.size;
  }

  join(socket: LabSocket): void {
    const { room } = this.#parts;
    const { id, color } = socket.client.principal.person;
    this.#ids.add(socket.id);
    const isFirst = this.#guests.size === 0;
    this.#guests.set(socket, room.welcome({ id: socket.id, person: { id, name: socket.name, color } }));
    if (!isFirst) return;
    for (const peer of room.peers) if (!this.#ids.has(peer.session)) this.#put(peer);
    this.#renewLater();
  }

  leave(socket: LabSocket): void {
    const guest = this.#guests.get(socket);
    if (!guest) return;
    this.#guests.delete(socket);
    guest.dispose();
    this.#ids.delete(socket.id);
    this.#tell(this.#table.left(socket, this.#parts.clock.now()));
    if (this.#guests.size > 0) return;
    this.#timer?.dispose();
    this.#timer = null;
    this.#page.clear();
  }

  /** Everybody, as one frame; null: nobody. */
  whole(): Uint8Array | null {
    const all = [...this.#table.all, ...this.#page.all];
    return all.length === 0 ? null : awarenessFrame(encodeAwareness(all));
  }

  /** False when it cannot be read. */
  heard(socket: LabSocket, update: Uint8Array): boolean {
    const said = decodeAwareness(update);
    if (said === null) return false;
    const { person } = socket.client.principal;
    const mine = said
      .filter(({ client }) => !this.#page.has(client))
      .map((entry) => ({ ...entry, state: entry.state && withIdentity(entry.state, socket) }));
    const news = this.#table.take(socket, person.id, mine, this.#parts.clock.now());
    this.#tell(news);
    const shown = news.findLast(({ state }) => state !== null && 'cursors' in state)?.state;
    if (shown) this.#parts.room.presence(socket.id, this.#presenceOf(shown));
    return true;
  }

  dispose(): void {
    this.#ends.dispose();
    for (const guest of this.#guests.values()) guest.dispose();
    this.#guests.clear();
  }

  #put(peer: Peer): void {
    this.#page.put(peer, { cursors: this.#cursorsOf(peer) });
  }

  #tell(entries: readonly AwarenessEntry[]): void {
    if (entries.length > 0) this.#parts.deliver(awarenessFrame(encodeAwareness(entries)));
  }

  #renewLater(): void {
    const { clock } = this.#parts;
    this.#timer = clock.after(renewMs, () => {
      this.#page.renew();
      this.#tell(this.#table.outdated(clock.now() - outdatedMs, clock.now()));
      this.#renewLater();
    });
  }

  // ---- cursors

  #cursorsOf({ state }: Peer): readonly Json[] {
    const { room, projection } = this.#parts;
    if (state?.anchor === undefined || state.head === undefined) return [];
    const cell = room.kind === 'notebook' ? state.cell : null;
    const text = cell === undefined ? undefined : this.#textOf(cell);
    const anchor = text && indexIn(text, room.doc, state.anchor);
    const head = text && indexIn(text, room.doc, state.head);
    if (cell === undefined || anchor === undefined || head === undefined) return [];
    const cursor = this.#translated(() => projection.toShared({ cell, anchor, head }));
    if (!cursor) return [];
    return [{ anchor: cursor.anchor, head: cursor.head, primary: true, empty: anchor === head }];
  }

  #presenceOf({ cursors }: JsonObject): PresenceState | null {
    const all = Array.isArray(cursors) ? cursors.filter(isJsonObject) : [];
    const shown = all.find(({ primary }) => primary === true) ?? all[0];
    const { anchor, head } = shown ?? {};
    if (anchor === undefined || head === undefined) return null;
    const cursor: LabCursor = { anchor, head };
    const found = this.#translated(() => this.#parts.projection.toSource(cursor));
    const text = found && this.#textOf(found.cell);
    return found && text ? presenceAt(text, found) : null;
  }

  /** What a client says of its cursor may be anything. */
  #translated<T>(translate: () => T | null): T | null {
    try {
      return translate();
    } catch (error) {
      this.#parts.logger.debug({ err: error }, 'a cursor could not be translated');
      return null;
    }
  }

  #textOf(cell: SourceCursor['cell']): Y.Text | undefined {
    const { doc } = this.#parts.room;
    return cell === null ? textOf(doc) : cellText(doc, cell);
  }
}

function presenceAt(text: Y.Text, { cell, anchor, head }: SourceCursor): PresenceState {
  const at = (index: number) =>
    JSON.stringify(Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index)));
  return { ...(cell === null ? {} : { cell }), anchor: at(anchor), head: at(head), isEditing: true };
}

function indexIn(text: Y.Text, doc: Y.Doc, position: string): number | undefined {
  try {
    const relative = Y.createRelativePositionFromJSON(JSON.parse(position));
    const absolute = Y.createAbsolutePositionFromRelativePosition(relative, doc);
    return absolute?.type === text ? absolute.index : undefined;
  } catch {
    return undefined;
  }
}
