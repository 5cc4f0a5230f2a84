/** A server with one notebook and real JupyterLab documents around it, each behind a wire with two queues. */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { jsonEquals, type Json } from '@cahier/base/json.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { type ISharedNotebook, YNotebook } from '@jupyter/ydoc';
import * as Y from 'yjs';
import type { CellType } from '../../notebooks/notebook.ts';
import { orderedCells, readNotebook, seedNotebook } from '../../notebooks/source-doc.ts';
import { jsonOf, objectOf } from '../../notebooks/source-layout.ts';
import { applyLiveOps } from '../../runs/apply-live-op.ts';
import { emptyLiveNotebook, type LiveNotebook, type LiveOp } from '../../runs/live.ts';
import { openNotebookProjection } from './notebook-projection.ts';
import type { BroughtResults, LabProjection, NotebookProjectionParts } from './projection.ts';
import { withoutTrust } from './shared-layout.ts';
import { withoutCarriageReturns } from './text-link.ts';

type Up =
  | { readonly t: 'vector'; readonly vector: Uint8Array }
  | {
      readonly t: 'update';
      readonly update: Uint8Array;
      readonly isAnswer: boolean;
      readonly isWhole?: boolean;
    };
type Down =
  | { readonly t: 'ask'; readonly vector: Uint8Array }
  | { readonly t: 'update'; readonly update: Uint8Array };

const remote = 'remote';

export class LabClient {
  readonly notebook: YNotebook;
  readonly name: string;
  readonly up: Up[] = [];
  readonly down: Down[] = [];
  isConnected = false;
  /** The server has had its answer, so it is told of changes. */
  isServed = false;
  vector: Uint8Array | null = null;
  /** Over what it stumbled, when it heard of changes. */
  readonly faults: string[] = [];

  constructor(name: string, clientId: number) {
    this.name = name;
    this.notebook = new YNotebook({ disableDocumentWideUndoRedo: true });
    this.notebook.ydoc.clientID = clientId;
    this.notebook.ydoc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== remote && this.isConnected) this.up.push({ t: 'update', update, isAnswer: false });
    });
  }

  /** As NotebookActions.changeCellType does it. */
  changeType(index: number, type: CellType): void {
    const { notebook } = this;
    const { id, source, metadata } = notebook.getCell(index).toJSON();
    notebook.transact(() => {
      notebook.deleteCell(index);
      const cell = { id: String(id), source, metadata: { ...metadata } };
      if (type === 'code') cell.metadata.trusted = true;
      else delete cell.metadata.trusted;
      notebook.insertCell(index, { cell_type: type, ...cell });
    });
  }

  hear(): void {
    const message = this.down.shift();
    if (message?.t === 'update') {
      try {
        Y.applyUpdate(this.notebook.ydoc, message.update, remote);
      } catch (error) {
        // as y-protocols does it
        this.faults.push(String(error));
      }
    } else if (message) {
      const update = Y.encodeStateAsUpdate(this.notebook.ydoc, message.vector);
      this.up.push({ t: 'update', update, isAnswer: true });
    }
  }
}

export interface BenchOptions {
  readonly seed?: number;
  readonly parts?: Partial<NotebookProjectionParts>;
  readonly minor?: number;
}

export class LabBench {
  source = new Y.Doc();
  projection: LabProjection;
  live: LiveNotebook = emptyLiveNotebook;
  readonly clients: LabClient[] = [];
  readonly cleared: CellId[] = [];
  readonly brought: BroughtResults[] = [];
  /** Every edit of the source that came from JupyterLab, by who made it. */
  readonly edits: string[] = [];
  gaps = 0;
  readonly forgotten = new Set<string>();
  /** What the server would have on disk. */
  saved: Uint8Array[] = [];
  readonly random: SeededRandom;
  readonly #parts: Partial<NotebookProjectionParts>;
  #nextClientId = 1000;

  constructor(options: BenchOptions = {}) {
    this.random = new SeededRandom(options.seed ?? 1);
    this.#parts = options.parts ?? {};
    this.source.clientID = this.clientId();
    this.projection = this.open(null);
  }

  static of(texts: readonly string[], options: BenchOptions = {}): LabBench {
    const bench = new LabBench(options);
    seedNotebook(bench.source, {
      nbformatMinor: options.minor ?? 5,
      metadata: {},
      cells: texts.map((source, i) => ({
        id: asCellId(`c${i}`),
        type: 'code',
        source,
        metadata: {},
        outputs: [],
        executionCount: null,
      })),
    });
    return bench;
  }

  clientId(): number {
    // Not in order of birth: Yjs decides ties by them.
    this.#nextClientId += 1;
    return (this.random.below(100_000) + 1) * 10_000 + this.#nextClientId;
  }

  open(saved: readonly Uint8Array[] | null): LabProjection {
    const projection = openNotebookProjection({
      source: this.source,
      saved,
      newId: () => this.random.hex(8),
      clientId: this.clientId(),
      live: this.live,
      blobs: () => Promise.reject(new Error('no such blob')),
      blobUrl: (ref) => `/blobs/${ref.blob}`,
      cellUrl: (cell) => `/cell/${cell}`,
      ...this.#parts,
    });
    this.saved = [projection.state()];
    projection.shared.on('update', (update: Uint8Array, origin: unknown) => {
      this.saved.push(update);
      for (const client of this.clients) {
        if (client.isServed && client !== origin) client.down.push({ t: 'update', update });
      }
    });
    return projection;
  }

  /** The server goes down and comes back with what it had saved: both documents of one moment. */
  restart(): void {
    const { saved } = this;
    const source = Y.encodeStateAsUpdate(this.source);
    for (const client of this.clients) this.cut(client);
    this.projection.dispose();
    this.source = new Y.Doc();
    this.source.clientID = this.clientId();
    Y.applyUpdate(this.source, source);
    this.projection = this.open(saved);
  }

  join(): LabClient {
    const client = new LabClient(`lab${this.clients.length}`, this.clientId());
    this.clients.push(client);
    this.connect(client);
    this.settle();
    return client;
  }

  connect(client: LabClient): void {
    if (client.isConnected) return;
    client.isConnected = true;
    client.up.push({ t: 'vector', vector: Y.encodeStateVector(client.notebook.ydoc) });
    client.down.push({ t: 'ask', vector: Y.encodeStateVector(this.projection.shared) });
  }

  /**
   * What was on its way is gone. A JupyterLab sends it again when it is asked, but for text in a cell that it has heard of
   * as moved since: that is forgotten there already ({@link forgotten}), and no server can know of it.
   */
  cut(client: LabClient): void {
    const shown = client.notebook.cells.map((cell) => cell.getSource()).join('\n');
    for (const message of client.up) {
      if (message.t !== 'update') continue;
      for (const struct of Y.decodeUpdate(message.update).structs) {
        const text =
          struct instanceof Y.Item && struct.content instanceof Y.ContentString ? struct.content.str : '';
        for (const mark of text.match(/<[^>]*>/g) ?? []) if (!shown.includes(mark)) this.forgotten.add(mark);
      }
    }
    client.isConnected = false;
    client.isServed = false;
    client.vector = null;
    client.up.length = 0;
    client.down.length = 0;
  }

  /** One message of this client reaches the server. */
  take(client: LabClient): void {
    const message = client.up.shift();
    if (!message) return;
    if (message.t === 'vector') {
      client.vector = message.vector;
      return;
    }
    const outcome = this.projection.receive(
      message.update,
      client,
      (change) => {
        const by = { author: client.name };
        this.source.transact(() => change(this.source, by), by);
        this.edits.push(client.name);
      },
      message.isAnswer || message.isWhole === true,
    );
    if (outcome.placement !== 'applied') {
      this.gaps += 1;
      this.cut(client);
      this.connect(client);
      return;
    }
    this.cleared.push(...outcome.cleared);
    this.brought.push(...outcome.brought);
    if (!message.isAnswer || !client.vector) return;
    const missing = this.projection.catchUp(client.vector) ?? [];
    for (const update of missing) client.down.push({ t: 'update', update });
    client.isServed = true;
  }

  settle(): void {
    for (const client of this.clients) this.connect(client);
    while (this.clients.some(({ up, down }) => up.length + down.length > 0)) {
      for (const client of this.clients) {
        this.take(client);
        client.hear();
      }
    }
  }

  run(...ops: readonly LiveOp[]): void {
    this.live = applyLiveOps(this.live, ops);
    this.projection.liveChanged(ops, this.live);
  }

  dispose(): void {
    for (const { notebook } of this.clients) notebook.dispose();
    this.projection.dispose();
  }

  order(): string[] {
    return orderedCells(this.source).map(({ id }) => id);
  }

  texts(): string[] {
    return readNotebook(this.source).cells.map(({ source }) => source);
  }

  /** Throws when any document shows another notebook than the source. */
  expectEqual(): void {
    const { cells, metadata } = readNotebook(this.source);
    const wanted: Json = {
      metadata,
      cells: cells.map((cell) => ({
        id: cell.id,
        type: cell.type,
        source: withoutCarriageReturns(cell.source),
        metadata: cell.metadata,
        attachments: cell.type === 'code' ? {} : (cell.attachments ?? {}),
      })),
    };
    const shared = this.projection.shared;
    const inShared = {
      metadata: objectOf(shared.getMap('meta').get('metadata')),
      cells: shared
        .getArray('cells')
        .toArray()
        .map((cell) => seenCell(jsonOf(cell))),
    };
    same('shared', wanted, inShared);
    for (const { notebook, name, faults } of this.clients) {
      if (faults.length > 0) throw new Error(`${name} stumbled: ${faults.join('; ')}`);
      const json = notebook.toJSON();
      same(name, wanted, {
        metadata: jsonOf(json.metadata),
        cells: json.cells.map((cell) => seenCell(jsonOf(cell))),
      });
      same(
        `${name}'s list`,
        cells.map(({ id }) => id),
        notebook.cells.map((cell) => cell.getId()),
      );
    }
    for (const doc of [this.source, shared, ...this.clients.map(({ notebook }) => notebook.ydoc)]) {
      if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null)
        throw new Error('something is pending');
    }
  }

  /** The outputs of a cell as every JupyterLab document has them, and the shared one. */
  outputs(index: number): Json[] {
    const shared = jsonOf(this.projection.shared.getArray('cells').get(index));
    return [
      objectOf(shared)['outputs'] ?? null,
      ...this.clients.map(
        ({ notebook }) => objectOf(jsonOf(notebook.getCell(index).toJSON()))['outputs'] ?? null,
      ),
    ];
  }
}

export type { ISharedNotebook };

function seenCell(json: Json): Json {
  const { id, cell_type: type, source, metadata, attachments } = objectOf(json);
  return {
    id: id ?? null,
    type: type ?? null,
    source: source ?? null,
    metadata: withoutTrust(objectOf(metadata)),
    attachments: objectOf(attachments),
  };
}

function same(who: string, wanted: Json, found: Json): void {
  if (jsonEquals(wanted, found)) return;
  throw new Error(`${who} differs\nsource: ${JSON.stringify(wanted)}\nthere:  ${JSON.stringify(found)}`);
}
