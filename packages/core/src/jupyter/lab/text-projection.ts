/** JupyterLab's view of a text file (projection.ts): one shared text, `source`, with its line ends as `\n`. */
import type { CellId } from '@cahier/base/ids.ts';
import * as Y from 'yjs';
import { placementOf } from '../../documents/placement.ts';
import type { TextDelta } from '../../documents/text-diff.ts';
import { textOf } from '../../documents/text-kind.ts';
import { cursorToShared, cursorToSource } from './cursors.ts';
import { missingAt } from './lab-doc.ts';
import type {
  LabCursor,
  LabOutcome,
  LabProjection,
  LabState,
  SourceCursor,
  SourceEdit,
  TextProjectionParts,
} from './projection.ts';
import { openSaved } from './saved-state.ts';
import { setState } from './shared-state.ts';
import { deltaOf, TextLink } from './text-link.ts';

/** Opens the projection; differences between what was saved and the source are mended in `shared`. */
export function openTextProjection(parts: TextProjectionParts): LabProjection {
  return new TextProjection(parts);
}

class TextProjection implements LabProjection {
  readonly shared: Y.Doc;
  readonly #source: Y.Text;
  readonly #text: Y.Text;
  readonly #link: TextLink;
  #taking: Y.Transaction | null = null;
  readonly #observe = (event: Y.YTextEvent, transaction: Y.Transaction) => {
    if (transaction === this.#taking) return;
    const delta = deltaOf(event);
    this.shared.transact(() => this.#link.push(delta), this);
  };

  constructor({ source, saved, clientId }: TextProjectionParts) {
    this.shared = openSaved(saved, clientId);
    this.#source = textOf(source);
    this.#text = this.shared.getText('source');
    this.#link = new TextLink(this.#source, this.#text);
    this.shared.transact(() => this.#link.mend(), this);
    this.#source.observe(this.#observe);
  }

  receive(update: Uint8Array, from: object, edit: SourceEdit): LabOutcome {
    const { store } = this.shared;
    const placement = placementOf(update, (client) => Y.getState(store, client)).is;
    if (placement !== 'placeable') return { placement };
    let isNew = false;
    let told: { readonly delta: TextDelta | null } | null = null;
    const onText = (event: Y.YTextEvent) => {
      told ??= { delta: deltaOf(event) };
    };
    const onUpdate = () => {
      isNew = true;
    };
    this.#text.observe(onText);
    this.shared.on('update', onUpdate);
    try {
      Y.applyUpdate(this.shared, update, from);
    } finally {
      this.#text.unobserve(onText);
      this.shared.off('update', onUpdate);
    }
    const isWhole = store.pendingStructs === null && store.pendingDs === null;
    [store.pendingStructs, store.pendingDs] = [null, null];
    if (isWhole && told) this.#edit(told, edit);
    else if (!isWhole) this.#mend();
    return isWhole ? { placement: 'applied', isNew, cleared: [], brought: [] } : { placement: 'gap' };
  }

  #edit({ delta }: { readonly delta: TextDelta | null }, edit: SourceEdit): void {
    let isTaken = false;
    try {
      edit((doc, by) =>
        doc.transact((transaction) => {
          this.#taking = transaction;
          this.#link.pull(delta);
          isTaken = true;
        }, by),
      );
    } finally {
      this.#taking = null;
      if (isTaken) this.shared.transact(() => this.#link.settle(), this);
      else this.#mend();
    }
  }

  #mend(): void {
    this.shared.transact(() => this.#link.mend(), this);
  }

  catchUp(vector: Uint8Array): readonly Uint8Array[] | null {
    return missingAt(this.shared, vector);
  }

  liveChanged(): void {
    // A text file has no results.
  }

  setForeign(): void {
    // Nothing is run here.
  }

  fetched(): Promise<void> {
    return Promise.resolve();
  }

  setState(state: LabState): void {
    setState(this.shared, state, this);
  }

  cellOf(): CellId | null {
    return null;
  }

  toSource(cursor: LabCursor): SourceCursor | null {
    return cursorToSource(cursor, this.shared, (text) =>
      text === this.#text ? { cell: null, offset: (at) => this.#link.toSource(at) } : null,
    );
  }

  toShared(cursor: SourceCursor): LabCursor | null {
    return cursorToShared(cursor, this.#text, (at) => this.#link.toShared(at));
  }

  state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.shared);
  }

  dispose(): void {
    this.#source.unobserve(this.#observe);
    this.shared.destroy();
  }
}
