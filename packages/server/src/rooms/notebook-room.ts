/** The room of a notebook as runs see it (it fits their port, runs/run-room.ts): cells and their order, never Yjs. */
import type { Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import { asCellId, type CellId, type DocumentId } from '@cahier/base/ids.ts';
import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@cahier/base/json.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import {
  cellsMap,
  notebookMetadata,
  orderedCells,
  readCell,
  setNotebookMetadata,
} from '@cahier/core/notebooks/source-doc.ts';
import type { DownFrame } from '@cahier/protocol/client/down.ts';
import type * as Y from 'yjs';
import type { Room } from './room.ts';

export class NotebookRoom implements Disposable {
  readonly #room: Room;
  readonly #gone = new Emitter<readonly CellId[]>();
  readonly #observe = (event: Y.YMapEvent<unknown>) => {
    const gone: CellId[] = [];
    for (const [key, change] of event.changes.keys) if (change.action === 'delete') gone.push(asCellId(key));
    this.#gone.emit(gone);
  };

  constructor(room: Room) {
    this.#room = room;
    cellsMap(room.doc).observe(this.#observe);
  }

  get document(): DocumentId {
    return this.#room.id;
  }

  get path(): string {
    return this.#room.path;
  }

  get lastSeq(): number {
    return this.#room.lastSeq;
  }

  cell(id: CellId): { readonly type: CellType; readonly source: string } | null {
    const cell = readCell(this.#room.doc, id);
    return cell && { type: cell.type, source: cell.source };
  }

  order(): readonly CellId[] {
    return orderedCells(this.#room.doc).map(({ id }) => id);
  }

  wantedKernel(): { readonly name?: string; readonly language?: string } {
    const { kernelspec, language_info: info } = notebookMetadata(this.#room.doc);
    const name = textAt(kernelspec, 'name');
    const language = textAt(info, 'name') ?? textAt(kernelspec, 'language');
    return { ...(name === undefined ? {} : { name }), ...(language === undefined ? {} : { language }) };
  }

  setKernel(
    spec: { readonly name: string; readonly display_name: string; readonly language: string },
    languageInfo: JsonObject | null,
    author: EntryAuthor,
  ): void {
    const { name, display_name, language } = spec;
    const wanted: JsonObject = {
      kernelspec: { display_name, language, name },
      ...(languageInfo ? { language_info: languageInfo } : {}),
    };
    const now = notebookMetadata(this.#room.doc);
    const different = Object.entries(wanted).filter(([key, value]) => !jsonEquals(now[key], value));
    if (different.length === 0) return;
    this.#room.edit(author, 'run', (doc, by) => {
      for (const [key, value] of different) setNotebookMetadata(doc, key, value, by);
    });
  }

  broadcast(frame: DownFrame): void {
    this.#room.broadcast(frame);
  }

  onCellsChanged(listener: (gone: readonly CellId[]) => void): Disposable {
    return this.#gone.on(listener);
  }

  dispose(): void {
    cellsMap(this.#room.doc).unobserve(this.#observe);
  }
}

function textAt(value: Json | undefined, key: string): string | undefined {
  const found = isJsonObject(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}
