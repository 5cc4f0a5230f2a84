/**
 * Who is in a shared room and what they show of themselves, as JupyterLab's clients tell each other (y-protocols'
 * awareness). A state belongs to the person who announced it: others repeat what they hear, which changes nothing, and
 * nobody speaks for somebody else. Nothing of it is stored. Pure: no sockets, no clock.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { isJsonObject, type JsonObject } from '@cahier/base/json.ts';
import { parseTolerantJson } from '@cahier/core/jupyter/tolerant-json.ts';

/** `null`: that client is gone. */
export interface AwarenessEntry {
  readonly client: number;
  readonly clock: number;
  readonly state: JsonObject | null;
}

interface Kept extends AwarenessEntry {
  /** Whose client it is; nobody else can change it. */
  readonly person: string;
  /** Sockets that have announced it; with the last of them it ends. */
  owners: readonly object[];
  readonly at: number;
}

/** States that one socket may announce. */
const mostOfOne = 64;
/** Clocks of those who left are kept, so that an echo that is late does not bring them back. */
const mostGone = 1_000;
export const longestState = 64 * 1024;

/** Null when the bytes are no awareness update. */
export function decodeAwareness(bytes: Uint8Array): readonly AwarenessEntry[] | null {
  try {
    const decoder = decoding.createDecoder(bytes);
    const count = decoding.readVarUint(decoder);
    const entries: AwarenessEntry[] = [];
    for (let i = 0; i < count; i += 1) {
      const client = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      const json = decoding.readVarString(decoder);
      if (json.length > longestState) return null;
      const state = parseTolerantJson(json);
      if (state !== null && !isJsonObject(state)) return null;
      entries.push({ client, clock, state });
    }
    return entries;
  } catch {
    return null;
  }
}

export function encodeAwareness(entries: readonly AwarenessEntry[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries.length);
    for (const { client, clock, state } of entries) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarString(encoder, JSON.stringify(state));
    }
  });
}

export class AwarenessTable {
  readonly #kept = new Map<number, Kept>();

  /** Everybody who is here. */
  get all(): readonly AwarenessEntry[] {
    return [...this.#kept.values()].filter(({ state }) => state !== null);
  }

  /**
   * What a socket of `person` announces at time `at`; returns what is news to the others. Tabs of one browser tell each
   * other, so any socket of the same person may speak for a client.
   */
  take(
    from: object,
    person: string,
    entries: readonly AwarenessEntry[],
    at: number,
  ): readonly AwarenessEntry[] {
    const news: AwarenessEntry[] = [];
    for (const { client, clock, state } of entries) {
      const known = this.#kept.get(client);
      if (known && known.person !== person) continue;
      if (!known && (state === null || this.#countOf(from) >= mostOfOne)) continue;
      const owners = state === null ? [] : [from, ...(known?.owners ?? []).filter((owner) => owner !== from)];
      const wasHere = known !== undefined && known.state !== null;
      const isNews = !known || clock > known.clock || (clock === known.clock && wasHere !== (state !== null));
      if (isNews) {
        this.#put({ client, clock, state, person, owners, at });
        news.push({ client, clock, state });
      } else if (wasHere && state !== null) known.owners = owners;
    }
    this.#forget();
    return news;
  }

  /** A socket is gone: the ends of what only it had announced. */
  left(from: object, at: number): readonly AwarenessEntry[] {
    return this.#end((kept) => {
      kept.owners = kept.owners.filter((owner) => owner !== from);
      return kept.owners.length === 0;
    }, at);
  }

  /** The ends of what nobody has renewed since `before`. */
  outdated(before: number, at: number): readonly AwarenessEntry[] {
    return this.#end((kept) => kept.at < before, at);
  }

  #put(kept: Kept): void {
    this.#kept.delete(kept.client);
    this.#kept.set(kept.client, kept);
  }

  /** An end has the clock of the last state: with it the client itself may come back. */
  #end(isOver: (kept: Kept) => boolean, at: number): readonly AwarenessEntry[] {
    const ended: AwarenessEntry[] = [];
    for (const kept of [...this.#kept.values()]) {
      if (kept.state === null || !isOver(kept)) continue;
      const end = { client: kept.client, clock: kept.clock, state: null };
      this.#put({ ...end, person: kept.person, owners: [], at });
      ended.push(end);
    }
    return ended;
  }

  #countOf(from: object): number {
    let count = 0;
    for (const { owners } of this.#kept.values()) if (owners.includes(from)) count += 1;
    return count;
  }

  #forget(): void {
    let gone = -mostGone;
    for (const { state } of this.#kept.values()) if (state === null) gone += 1;
    for (const [client, { state }] of this.#kept) {
      if (gone <= 0) return;
      if (state !== null) continue;
      this.#kept.delete(client);
      gone -= 1;
    }
  }
}
