/**
 * Which updates of a client that may only look are harmless: JupyterLab writes into `state` (which room it is in, that
 * something is unsaved) without anybody having typed. Everything else is an edit, which must be refused aloud. Reads
 * updates and applies nothing.
 */
import * as Y from 'yjs';

export class StateWrites {
  readonly #doc: Y.Doc;
  /** Of writers whose writes so far were harmless and were dropped: how far. */
  readonly #dropped = new Map<number, number>();

  constructor(doc: Y.Doc) {
    this.#doc = doc;
  }

  /** Does the update change nothing that a person could see? Damaged ones do not count as harmless. */
  isHarmless(update: Uint8Array): boolean {
    let decoded: ReturnType<typeof Y.decodeUpdate>;
    try {
      decoded = Y.decodeUpdate(update);
    } catch {
      return false;
    }
    const news: (Y.Item | Y.GC)[] = [];
    for (const struct of decoded.structs) {
      if (struct instanceof Y.Skip) continue;
      if (struct.id.clock + struct.length <= Y.getState(this.#doc.store, struct.id.client)) continue;
      news.push(struct);
    }
    if (!news.every((struct) => struct instanceof Y.Item && this.#isInState(struct, news))) return false;
    for (const [client, ranges] of decoded.ds.clients) {
      if (!ranges.every(({ clock, len }) => this.#isStateOrGone(client, clock, len))) return false;
    }
    for (const { id, length } of news) {
      this.#dropped.set(id.client, Math.max(this.#dropped.get(id.client) ?? 0, id.clock + length));
    }
    return true;
  }

  #isInState(item: Y.Item, news: readonly (Y.Item | Y.GC)[]): boolean {
    if (typeof item.parent === 'string') return item.parent === 'state';
    if (item.parent instanceof Y.ID) return false;
    const beside = item.origin ?? item.rightOrigin;
    if (beside === null) return false;
    if (this.#isDropped(beside.client, beside.clock)) return true;
    const known = this.#itemAt(beside.client, beside.clock);
    if (known) return this.#isOfState(known);
    const sibling = news.find(
      ({ id, length }) =>
        id.client === beside.client && id.clock <= beside.clock && beside.clock < id.clock + length,
    );
    return sibling instanceof Y.Item && sibling !== item && this.#isInState(sibling, news);
  }

  /** Removed already, removed from `state`, or of writes that were dropped. */
  #isStateOrGone(client: number, clock: number, length: number): boolean {
    for (let at = clock; at < clock + length; ) {
      if (this.#isDropped(client, at)) {
        at = this.#dropped.get(client) ?? at + 1;
        continue;
      }
      const struct = this.#structAt(client, at);
      if (struct === null) return at >= Y.getState(this.#doc.store, client);
      if (struct instanceof Y.Item && !struct.deleted && !this.#isOfState(struct)) return false;
      at = struct.id.clock + struct.length;
    }
    return true;
  }

  #isDropped(client: number, clock: number): boolean {
    return clock >= Y.getState(this.#doc.store, client) && clock < (this.#dropped.get(client) ?? 0);
  }

  #isOfState(item: Y.Item): boolean {
    return item.parent === this.#doc.getMap('state');
  }

  #itemAt(client: number, clock: number): Y.Item | null {
    const struct = this.#structAt(client, clock);
    return struct instanceof Y.Item ? struct : null;
  }

  #structAt(client: number, clock: number): Y.Item | Y.GC | null {
    const structs = this.#doc.store.clients.get(client);
    if (!structs || clock >= Y.getState(this.#doc.store, client)) return null;
    const found = structs[Y.findIndexSS(structs, clock)];
    return found ?? null;
  }
}
