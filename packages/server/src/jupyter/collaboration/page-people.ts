/**
 * People in Cahier's page as JupyterLab's clients see them: each has a client id of its own in the room's awareness,
 * with name, colour and cursor. Made anew from the room's presence; nothing of it is stored.
 */
import type { SessionId } from '@cahier/base/ids.ts';
import { isJsonObject, jsonEquals, type JsonObject } from '@cahier/base/json.ts';
import type { Person } from '../../http/principal.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';
import type { AwarenessEntry } from './awareness-table.ts';
import type { LabSocket } from './lab-socket.ts';

interface PagePerson {
  readonly client: number;
  clock: number;
  state: JsonObject;
}

export interface PagePeopleParts {
  /** An id of Yjs' kind that nobody has: 32 random bits. */
  readonly newClient: () => number;
  /** What the room's clients are told. */
  readonly tell: (entries: readonly AwarenessEntry[]) => void;
}

export class PagePeople {
  readonly #parts: PagePeopleParts;
  readonly #people = new Map<SessionId, PagePerson>();

  constructor(parts: PagePeopleParts) {
    this.#parts = parts;
  }

  get all(): readonly AwarenessEntry[] {
    return [...this.#people.values()].map(({ client, clock, state }) => ({ client, clock, state }));
  }

  /** Does this client id stand for somebody in the page? */
  has(client: number): boolean {
    return [...this.#people.values()].some((person) => person.client === client);
  }

  /** They are here, or show something else of themselves than before. */
  put({ session, person: { id, name, color } }: Peer, shown: JsonObject): void {
    const { newClient, tell } = this.#parts;
    const state = { user: labUser({ id, name, color }, name), ...shown };
    const known = this.#people.get(session);
    if (known && jsonEquals(known.state, state)) return;
    const person: PagePerson = known ?? { client: newClient(), clock: 0, state };
    person.clock += 1;
    person.state = state;
    this.#people.set(session, person);
    tell([person]);
  }

  /** Whoever is not among these has left. */
  keep(sessions: ReadonlySet<SessionId>): void {
    for (const session of [...this.#people.keys()]) if (!sessions.has(session)) this.left(session);
  }

  left(session: SessionId): void {
    const person = this.#people.get(session);
    if (!this.#people.delete(session) || !person) return;
    this.#parts.tell([{ client: person.client, clock: person.clock + 1, state: null }]);
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#people.clear();
  }

  /** Clients forget whoever says nothing for 30 s. */
  renew(): void {
    for (const person of this.#people.values()) person.clock += 1;
    if (this.#people.size > 0) this.#parts.tell(this.all);
  }
}

/** As `api/me` tells it. Source: jupyter_server's User. */
export function labUser(person: Person, name: string): JsonObject {
  const initials = name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();
  return {
    username: person.id,
    name,
    display_name: name,
    initials,
    avatar_url: null,
    color: person.color,
  };
}

/** What a client shows of itself, under the name of who signed in, whatever it calls itself. */
export function withIdentity(state: JsonObject, socket: LabSocket): JsonObject {
  const { person } = socket.client.principal;
  const said = isJsonObject(state.user) ? state.user : {};
  const { initials, ...known } = labUser(person, socket.name);
  return { ...state, user: { initials: initials ?? '', ...said, ...known } };
}
