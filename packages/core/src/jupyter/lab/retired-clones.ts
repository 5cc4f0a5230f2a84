/**
 * The replaced cells of a notebook that late edits may still come for: the newest ones. They are written down in the
 * shared document itself (`cahier`: Yjs id of the cell → JSON text), so that a restart knows of them as well; clients
 * have that and look at nothing of it.
 */
import type { CellId } from '@cahier/base/ids.ts';
import type * as Y from 'yjs';
import type { CharId, DeletedIds } from './char-ids.ts';
import { RetiredClone } from './retired-clone.ts';

/** Kept at most; older ones are dropped. */
const most = 256;

export class RetiredClones {
  readonly #shared: Y.Doc;
  #all: RetiredClone[] = [];
  readonly #unsaved = new Set<RetiredClone>();
  /** By the Yjs types that late edits arrive in. */
  readonly byType = new Map<unknown, RetiredClone>();

  /** With those that were saved in `shared`. `source`: where their characters are now. */
  constructor(shared: Y.Doc, source: Y.Doc) {
    this.#shared = shared;
    const saved: RetiredClone[] = [];
    for (const [key, text] of this.#map) {
      const retired = RetiredClone.parse(key, text, shared, source);
      if (retired) saved.push(retired);
    }
    for (const retired of saved.toSorted((a, b) => a.number - b.number)) this.#keep(retired);
  }

  get #map(): Y.Map<unknown> {
    return this.#shared.getMap('cahier');
  }

  add(make: (number: number) => RetiredClone | null): RetiredClone | null {
    const retired = make((this.#all.at(-1)?.number ?? 0) + 1);
    if (!retired) return null;
    this.#keep(retired);
    this.#unsaved.add(retired);
    return retired;
  }

  /** Late text was added to one. */
  changed(retired: RetiredClone): void {
    if (this.byType.has(retired.text)) this.#unsaved.add(retired);
  }

  /** Writes down what is new. In a transaction of the shared document. */
  save(): void {
    for (const oldest of this.#all.slice(0, -most)) this.#drop(oldest);
    if (this.#map.size > this.#all.length) {
      const known = new Set(this.#all.map(keyText));
      for (const key of [...this.#map.keys()]) if (!known.has(key)) this.#map.delete(key);
    }
    for (const retired of this.#unsaved) {
      const key = keyText(retired);
      if (key !== null) this.#map.set(key, retired.toText());
    }
    this.#unsaved.clear();
  }

  /** The newest cell of this id that the update replaces as well; null: none. */
  replacedBy(id: CellId, deleted: DeletedIds): RetiredClone | null {
    return (
      this.#all.findLast(({ facts, key }) => facts.id === id && key !== null && deleted.has(key)) ?? null
    );
  }

  get size(): number {
    return this.#all.length;
  }

  /** Characters of the source that the update deletes in replaced cells; only where its sender had not heard of that. */
  deletedBy(deleted: DeletedIds): { readonly retired: RetiredClone; readonly chars: readonly CharId[] }[] {
    return this.#all.flatMap((retired) => {
      if (retired.key === null || deleted.has(retired.key)) return [];
      const chars = retired.deletedIn(deleted);
      return chars.length === 0 ? [] : [{ retired, chars }];
    });
  }

  forget(id: CellId): void {
    for (const retired of this.#all.filter(({ facts }) => facts.id === id)) this.#drop(retired);
  }

  #keep(retired: RetiredClone): void {
    this.#all.push(retired);
    this.byType.set(retired.text, retired);
    if (retired.metadata) this.byType.set(retired.metadata, retired);
  }

  #drop(retired: RetiredClone): void {
    this.#all = this.#all.filter((each) => each !== retired);
    this.#unsaved.delete(retired);
    this.byType.delete(retired.text);
    if (retired.metadata) this.byType.delete(retired.metadata);
  }
}

function keyText({ key }: RetiredClone): string | null {
  return key && `${key.client}:${key.clock}`;
}
