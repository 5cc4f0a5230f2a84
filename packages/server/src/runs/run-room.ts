/** Port: what runs need of the room of a notebook (rooms/notebook-room.ts implements it). All synchronous. */
import type { JsonObject } from '@cahier/base/json.ts';
import type { CellId, DocumentId } from '@cahier/base/ids.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { DownFrame } from '@cahier/protocol/client/down.ts';

export interface RunRoom {
  readonly document: DocumentId;
  /** Path inside the project, now. */
  readonly path: string;
  /** Number of the history entry that the room shows now. */
  readonly lastSeq: number;
  /** The cell as it is now; null when it is gone. */
  cell(id: CellId): { readonly type: CellType; readonly source: string } | null;
  /** All cells, top to bottom. */
  order(): readonly CellId[];
  /** `metadata.kernelspec` and `metadata.language_info.name`, as far as they are well-formed. */
  wantedKernel(): { readonly name?: string; readonly language?: string };
  /** Writes kernelspec and language_info into the notebook's metadata (an edit with origin `run`), when they differ. */
  setKernel(
    spec: { readonly name: string; readonly display_name: string; readonly language: string },
    languageInfo: JsonObject | null,
    author: EntryAuthor,
  ): void;
  /** To every session in the room, encoded once. */
  broadcast(frame: DownFrame): void;
  /** Cells were added or removed. */
  onCellsChanged(listener: (gone: readonly CellId[]) => void): Disposable;
}
