/** What the bench asks of a server, whichever it is: open a notebook, type, run, see what others did. */
import type { CellId } from '@cahier/base/ids.ts';
import { cellText, orderedCells } from '@cahier/core/notebooks/source-doc.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { z } from 'zod';
import { Client, type OpenDocument } from '../../e2e/support/client.ts';
import { prose } from './notebooks.ts';
import { RoomClient } from './room-client.ts';

/** Plain data, so that a thread can be told where to go. */
export const placeAddress = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('lab'), base: z.string(), token: z.string() }),
  z.object({ kind: z.literal('cahier'), origin: z.string(), project: z.string(), token: z.string() }),
]);
export type PlaceAddress = z.infer<typeof placeAddress>;

export interface Result {
  /** Once it is over. */
  readonly count: number | null;
  readonly text: string;
}

/** One client at one notebook. */
export interface Seat {
  readonly cells: number;
  /** Characters in the first cell. */
  readonly typed: number;
  /** The next character of the prose, at the end of the first cell. */
  type(): void;
  /** Runs a cell as the people of this place do; resolves when this client has seen its end. */
  run(index: number): Promise<void>;
  /** What this client shows below a cell: its last output as text. */
  result(index: number): Result;
  /** Resolves when `is` holds; looked at after each change. */
  until(is: () => boolean, timeoutMs?: number): Promise<void>;
  close(): void;
}

export async function sitDown(address: PlaceAddress, path: string): Promise<Seat> {
  if (address.kind === 'lab') return new LabSeat(await RoomClient.open(address, path));
  const client = await Client.connect(address.origin, address.project, address.token);
  return new CahierSeat(client, await client.open(path));
}

class LabSeat implements Seat {
  readonly #client: RoomClient;

  constructor(client: RoomClient) {
    this.#client = client;
  }

  get cells(): number {
    return this.#client.notebook.cells.length;
  }

  get typed(): number {
    return this.#client.notebook.cells[0]?.ysource.length ?? 0;
  }

  type(): void {
    const text = this.#client.notebook.cells[0]?.ysource;
    text?.insert(text.length, prose.charAt(text.length % prose.length));
  }

  async run(index: number): Promise<void> {
    await this.#client.run(index);
  }

  result(index: number): Result {
    const cell = this.#client.code(index);
    const last = cell.getOutputs().at(-1);
    if (last === undefined) return { count: null, text: '' };
    const text = 'text' in last ? last['text'] : 'data' in last ? JSON.stringify(last['data']) : '';
    return { count: cell.execution_count, text: String(text) };
  }

  async until(is: () => boolean, timeoutMs?: number): Promise<void> {
    await this.#client.until(is, timeoutMs);
  }

  close(): void {
    this.#client.close();
  }
}

class CahierSeat implements Seat {
  readonly #client: Client;
  readonly #document: OpenDocument;
  readonly #ids: readonly CellId[];

  constructor(client: Client, document: OpenDocument) {
    this.#client = client;
    this.#document = document;
    this.#ids = orderedCells(document.ydoc).map(({ id }) => id);
  }

  get cells(): number {
    return this.#ids.length;
  }

  get typed(): number {
    return cellText(this.#document.ydoc, this.#id(0))?.length ?? 0;
  }

  type(): void {
    const text = cellText(this.#document.ydoc, this.#id(0));
    text?.insert(text.length, prose.charAt(text.length % prose.length));
  }

  async run(index: number): Promise<void> {
    await this.#client.runAndWait(this.#document, [this.#id(index)], 300_000);
  }

  result(index: number): Result {
    const cell = this.#document.live.cells[this.#id(index)];
    const last = cell?.outputs.at(-1);
    if (!cell || last === undefined) return { count: null, text: '' };
    return { count: cell.state === 'done' ? cell.executionCount : null, text: textOf(last) };
  }

  async until(is: () => boolean, timeoutMs?: number): Promise<void> {
    await this.#client.until(is, timeoutMs);
  }

  close(): void {
    this.#client.close();
  }

  #id(index: number): CellId {
    const id = this.#ids[index];
    if (id === undefined) throw new Error(`there is no cell ${index}`);
    return id;
  }
}

function textOf(output: LiveOutput): string {
  if (output.type === 'stream') return output.text;
  if (output.type === 'display_data' || output.type === 'execute_result')
    return JSON.stringify([output.data, output.blobs]);
  return '';
}
