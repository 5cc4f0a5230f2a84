/** The room of a notebook as runs see it, without Yjs; it plays the part of one client that folds every frame. */
import type { Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import { type CellId, type DocumentId, asCellId, asDocumentId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import { applyLiveOps } from '@cahier/core/runs/apply-live-op.ts';
import { type LiveNotebook, emptyLiveNotebook } from '@cahier/core/runs/live.ts';
import type { DownFrame } from '@cahier/protocol/client/down.ts';
import type { RunRoom } from '@cahier/server/runs/run-room.ts';

export class FakeRunRoom implements RunRoom {
  readonly document: DocumentId;
  readonly path: string;
  lastSeq = 0;
  readonly cells = new Map<CellId, { type: CellType; source: string }>();
  readonly frames: DownFrame[] = [];
  readonly kernelsSet: {
    readonly spec: JsonObject;
    readonly info: JsonObject | null;
    readonly by: string;
  }[] = [];
  wanted: { name?: string; language?: string } = {};
  /** What a client that was here from the beginning has. */
  client: LiveNotebook = emptyLiveNotebook;
  readonly #changed = new Emitter<readonly CellId[]>();

  constructor(document: string, sources: Readonly<Record<string, string>>) {
    this.document = asDocumentId(document);
    this.path = `${document}.ipynb`;
    for (const [id, source] of Object.entries(sources))
      this.cells.set(asCellId(id), { type: 'code', source });
  }

  cell(id: CellId): { readonly type: CellType; readonly source: string } | null {
    return this.cells.get(id) ?? null;
  }

  order(): readonly CellId[] {
    return [...this.cells.keys()];
  }

  wantedKernel(): { readonly name?: string; readonly language?: string } {
    return this.wanted;
  }

  setKernel(
    spec: { readonly name: string; readonly display_name: string; readonly language: string },
    info: JsonObject | null,
    author: { readonly name: string },
  ): void {
    this.kernelsSet.push({ spec: { ...spec }, info, by: author.name });
  }

  broadcast(frame: DownFrame): void {
    this.frames.push(frame);
    if (frame.t !== 'live') return;
    if (frame.from !== this.client.version)
      throw new Error(`a client at ${this.client.version} got ${frame.from}`);
    this.client = applyLiveOps(this.client, frame.ops);
  }

  onCellsChanged(listener: (gone: readonly CellId[]) => void): Disposable {
    return this.#changed.on(listener);
  }

  remove(id: string): void {
    this.cells.delete(asCellId(id));
    this.#changed.emit([asCellId(id)]);
  }
}
