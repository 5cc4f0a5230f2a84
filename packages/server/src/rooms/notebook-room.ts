/** The room of a notebook as runs see it (port: runs/run-room.ts): cells and their order, never Yjs. */
import type { Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import { asCellId, type CellId, type DocumentId } from '@cahier/base/ids.ts';
import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@cahier/base/json.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import type { DownFrame } from '@cahier/protocol/client/down.ts';
import * as Y from 'yjs';
import type { RunRoom } from '../runs/run-room.ts';
import type { Room } from './room.ts';

export class NotebookRoom implements RunRoom, Disposable {
  readonly #room: Room;
  readonly #cells: Y.Map<unknown>;
  readonly #meta: Y.Map<unknown>;
  readonly #gone = new Emitter<readonly CellId[]>();
  readonly #observe = (event: Y.YMapEvent<unknown>) => {
    const gone: CellId[] = [];
    for (const [key, change] of event.changes.keys) if (change.action === 'delete') gone.push(asCellId(key));
    this.#gone.emit(gone);
  };

  constructor(room: Room) {
    this.#room = room;
    this.#cells = room.doc.getMap('cells');
    this.#meta = room.doc.getMap('meta');
    this.#cells.observe(this.#observe);
  }

  get document(): DocumentId {
    return this.#room.id;
  }

  get path(): string {
    return this.#room.path;
  }

  cell(id: CellId): { readonly type: CellType; readonly source: string } | null {
    const cell = this.#cells.get(id);
    if (!(cell instanceof Y.Map)) return null;
    const type = cell.get('type');
    const source = cell.get('source');
    return {
      type: type === 'markdown' || type === 'raw' ? type : 'code',
      source: source instanceof Y.Text ? source.toString() : '',
    };
  }

  order(): readonly CellId[] {
    const cells: { id: CellId; position: string }[] = [];
    for (const [key, cell] of this.#cells) {
      if (!(cell instanceof Y.Map)) continue;
      const position: unknown = cell.get('position');
      cells.push({ id: asCellId(key), position: typeof position === 'string' ? position : '' });
    }
    return cells.sort(byPosition).map(({ id }) => id);
  }

  wantedKernel(): { readonly name?: string; readonly language?: string } {
    const name = textAt(this.#meta.get('kernelspec'), 'name');
    const language =
      textAt(this.#meta.get('language_info'), 'name') ?? textAt(this.#meta.get('kernelspec'), 'language');
    return { ...(name === undefined ? {} : { name }), ...(language === undefined ? {} : { language }) };
  }

  setKernel(
    spec: { readonly name: string; readonly display_name: string; readonly language: string },
    languageInfo: JsonObject | null,
    author: EntryAuthor,
  ): void {
    const kernelspec: JsonObject = {
      display_name: spec.display_name,
      language: spec.language,
      name: spec.name,
    };
    const wanted: [string, Json][] = [['kernelspec', kernelspec]];
    if (languageInfo) wanted.push(['language_info', languageInfo]);
    this.#room.edit(author, 'run', () => {
      for (const [key, value] of wanted) {
        const now = this.#meta.get(key);
        if (!(isJsonObject(now) && jsonEquals(now, value))) this.#meta.set(key, value);
      }
    });
  }

  broadcast(frame: DownFrame): void {
    this.#room.broadcast(frame);
  }

  onCellsChanged(listener: (gone: readonly CellId[]) => void): Disposable {
    return this.#gone.on(listener);
  }

  dispose(): void {
    this.#cells.unobserve(this.#observe);
  }
}

function byPosition(
  a: { readonly id: string; readonly position: string },
  b: { readonly id: string; readonly position: string },
): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function textAt(value: unknown, key: string): string | undefined {
  const found = isJsonObject(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}
