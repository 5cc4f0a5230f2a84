/** A person in JupyterLab beside the simulated room: a real @jupyter/ydoc document behind a wire that takes its time. */
import { LabClient } from '@cahier/core/jupyter/lab/lab-bench.sim.ts';
import { openNotebookProjection } from '@cahier/core/jupyter/lab/notebook-projection.ts';
import type { LabProjection } from '@cahier/core/jupyter/lab/projection.ts';
import { emptyLiveNotebook } from '@cahier/core/runs/live.ts';
import type { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import * as Y from 'yjs';
import type { Room } from './room.ts';

export const labAuthor = { person: null, name: 'in JupyterLab', session: null };
const types = ['code', 'markdown', 'raw'] as const;

export class SimLab {
  readonly #room: Room;
  readonly #random: SeededRandom;
  readonly #mint: () => string;
  readonly #projection: LabProjection;
  readonly #client: LabClient;

  /** One life of it: the server's end begins anew after a crash, with another epoch, and JupyterLab opens the file anew. */
  constructor(room: Room, random: SeededRandom, mint: () => string) {
    this.#room = room;
    this.#random = random;
    this.#mint = mint;
    this.#projection = openNotebookProjection({
      source: room.doc,
      saved: null,
      newId: () => random.hex(8),
      clientId: random.below(2 ** 32),
      live: emptyLiveNotebook,
      blobs: () => Promise.reject(new Error('no such blob')),
      blobUrl: () => '',
      cellUrl: () => '',
    });
    const client = new LabClient('lab', random.below(2 ** 32));
    this.#client = client;
    Y.applyUpdate(client.notebook.ydoc, this.#projection.state(), 'remote');
    client.isConnected = true;
    this.#projection.shared.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== client) client.down.push({ t: 'update', update });
    });
  }

  dispose(): void {
    this.#projection.dispose();
    this.#client.notebook.dispose();
  }

  /** Perhaps one edit, and some messages each way. Resolves to the edits that reached the room. */
  round(): number {
    const random = this.#random;
    if (random.chance(0.4)) this.#edit();
    let edits = 0;
    for (let i = random.below(4); i > 0; i -= 1) edits += this.#take();
    for (let i = random.below(6); i > 0; i -= 1) this.#client.hear();
    return edits;
  }

  #take(): number {
    const message = this.#client.up.shift();
    if (message?.t !== 'update') return 0;
    let edits = 0;
    const outcome = this.#projection.receive(message.update, this.#client, (change) => {
      this.#room.edit(labAuthor, 'jupyterlab', change);
      edits += 1;
    });
    if (outcome.placement !== 'applied') throw new Error(`an update of JupyterLab is ${outcome.placement}`);
    return edits;
  }

  #edit(): void {
    const random = this.#random;
    const { notebook } = this.#client;
    const { length } = notebook.cells;
    const kind = random.weighted({ type: 8, move: 2, add: 1, change: 1, cut: 2, remove: 1, join: 1 });
    if (kind === 'add' || length === 0) {
      const cell = { id: random.hex(8), cell_type: random.pick(types), source: this.#mint() };
      notebook.insertCell(random.between(0, length), cell);
      return;
    }
    const at = random.below(length);
    const cell = notebook.getCell(at);
    const size = cell.getSource().length;
    switch (kind) {
      case 'type': {
        const where = random.between(0, size);
        cell.updateSource(where, where, this.#mint());
        return;
      }
      case 'move':
        notebook.moveCell(at, random.below(length));
        return;
      case 'change':
        this.#client.changeType(at, random.pick(types));
        return;
      case 'cut': {
        const from = random.below(size + 1);
        cell.updateSource(from, Math.min(size, from + random.between(1, 4)), '');
        return;
      }
      case 'remove':
        if (length > 1) notebook.deleteCell(at);
        return;
      case 'join': {
        // As “merge with the cell below” does it: the text comes as one new piece.
        if (at + 1 >= length) return;
        const below = notebook.getCell(at + 1).getSource();
        notebook.transact(() => {
          cell.setSource(`${cell.getSource()}\n${below}`);
          notebook.deleteCell(at + 1);
        });
      }
    }
  }
}
