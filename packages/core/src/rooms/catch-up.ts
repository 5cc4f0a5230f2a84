/**
 * What a replica sends after an opening, and in which order: its own updates one by one; others' that the server had
 * handed out and then lost in a crash, each with its voucher; and what it has of others beyond that as one. Nothing is
 * sent before what it builds on.
 */
import * as Y from 'yjs';
import { placementOf } from '../documents/placement.ts';
import type { VouchedUpdate } from './voucher.ts';

export interface ServerKnowledge {
  /** The server's state vector. */
  readonly vector: Uint8Array;
  /** The update that came with it; it carries all deletions that the server knows. */
  readonly update: Uint8Array;
}

export type Brought<Own> =
  | { readonly what: 'own'; readonly update: Own }
  | { readonly what: 'vouched'; readonly update: VouchedUpdate }
  /** Nobody vouches for it. */
  | { readonly what: 'rest'; readonly bytes: Uint8Array };

/** `doc` must already contain `server.update` and `pending`. */
export function catchUp<Own extends { readonly n: number; readonly bytes: Uint8Array }>(
  doc: Y.Doc,
  server: ServerKnowledge,
  pending: readonly Own[],
  vouched: readonly VouchedUpdate[],
): readonly Brought<Own>[] {
  const known = new Known(server);
  const brought: Brought<Own>[] = [];
  let own = 0;
  let waiting = vouched;
  const bringVouched = (among = waiting.length, cameBefore = Number.POSITIVE_INFINITY) => {
    const before = brought.length;
    waiting = waiting.filter((update, i) => {
      if (i >= among || update.after >= cameBefore) return true;
      const met = known.meet(update.bytes);
      if (met === 'new') brought.push({ what: 'vouched', update });
      return met === 'gap';
    });
    return brought.length > before;
  };
  const bringOwn = () => {
    const update = pending[own];
    if (!update || !known.take(update.bytes)) return false;
    brought.push({ what: 'own', update });
    own += 1;
    return true;
  };
  // As they followed one another here: whoever split a cell copied the text of others, who should be known by then.
  while (bringVouched(lookedAt, pending[own]?.n) || bringOwn() || bringVouched());
  const late = pending.slice(own);
  const bytes = known.lackOf(
    doc,
    late.map((update) => update.bytes),
  );
  if (bytes) brought.push({ what: 'rest', bytes });
  for (const update of late) brought.push({ what: 'own', update });
  return brought;
}

/** Of what waits for something before it, how much is looked at after each own update: there may be thousands of both. */
const lookedAt = 16;

type DeleteSet = ReturnType<typeof Y.createDeleteSet>;

/** What the server has, and will have once everything so far has arrived. */
class Known {
  readonly #clocks: Map<number, number>;
  #deletions: DeleteSet[];

  constructor({ vector, update }: ServerKnowledge) {
    this.#clocks = Y.decodeStateVector(vector);
    this.#deletions = [Y.decodeUpdate(update).ds];
  }

  /** It will arrive next. False when it cannot: something before it is missing, or it is no update. */
  take(bytes: Uint8Array): boolean {
    const placement = placementOf(bytes, (client) => this.#clockOf(client));
    if (placement.is !== 'placeable') return false;
    for (const [client, end] of placement.ends) this.#clocks.set(client, end);
    this.#deletions.push(Y.decodeUpdate(bytes).ds);
    return true;
  }

  /** As `take`, when it brings something new. What is no update brings nothing. */
  meet(bytes: Uint8Array): 'new' | 'known' | 'gap' {
    const placement = placementOf(bytes, (client) => this.#clockOf(client));
    if (placement.is !== 'placeable') return placement.is === 'gap' ? 'gap' : 'known';
    const hasText = [...placement.ends].every(([client, end]) => end <= this.#clockOf(client));
    if (hasText && this.#hasDeletions([Y.decodeUpdate(bytes).ds])) return 'known';
    this.take(bytes);
    return 'new';
  }

  /** What `doc` has and the server will not, also when it will have `coming`; null: nothing. */
  lackOf(doc: Y.Doc, coming: readonly Uint8Array[]): Uint8Array | null {
    const isWhole =
      [...doc.store.clients.keys()].every(
        (client) => Y.getState(doc.store, client) <= this.#clockOf(client),
      ) &&
      this.#hasDeletions(
        [Y.createDeleteSetFromStructStore(doc.store)],
        coming.map((bytes) => Y.decodeUpdate(bytes).ds),
      );
    return isWhole ? null : Y.encodeStateAsUpdate(doc, Y.encodeStateVector(this.#clocks));
  }

  #hasDeletions(wanted: readonly DeleteSet[], coming: readonly DeleteSet[] = []): boolean {
    if (wanted.every(({ clients }) => clients.size === 0)) return true;
    const known = Y.mergeDeleteSets(this.#deletions);
    this.#deletions = [known];
    const theirs = [known, ...coming];
    return Y.equalDeleteSets(Y.mergeDeleteSets([...theirs, ...wanted]), Y.mergeDeleteSets(theirs));
  }

  #clockOf(client: number): number {
    return this.#clocks.get(client) ?? 0;
  }
}
