/**
 * Execute requests of Jupyter's clients that wait for their turn in a notebook's queue, by run. Kept here and not in the
 * server, so that a client is answered by its own message even when the server was restarted meanwhile. Bounded: what is
 * pushed out is run by a message of the runner's own, and only the client's answer is missing.
 */
import type { RunId } from '@cahier/base/ids.ts';
import { type JsonObject, isJsonObject } from '@cahier/base/json.ts';
import { readHeader } from '@cahier/core/jupyter/message.ts';
import { parseTolerantJson } from '@cahier/core/jupyter/tolerant-json.ts';

export interface ClientRequest {
  readonly messageId: string;
  readonly parts: readonly Uint8Array[];
}

const mostHeld = 2_000;
const mostBytes = 64 * 1024 * 1024;
const contentPart = 3;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class HeldRequests {
  readonly #byRun = new Map<RunId, ClientRequest>();
  #bytes = 0;

  /** What is not a message is not kept. */
  keep(run: RunId, parts: readonly Uint8Array[]): void {
    const header = readHeader(objectIn(parts[0]));
    const content = objectIn(parts[contentPart]);
    if (header === null || header.msg_id === '' || content === null || this.#byRun.has(run)) return;
    // A kernel throws away what arrives shortly after an error; whether to go on is the queue's to say.
    const gentle = encoder.encode(JSON.stringify({ ...content, stop_on_error: false }));
    const request = { messageId: header.msg_id, parts: parts.with(contentPart, gentle) };
    this.#byRun.set(run, request);
    this.#bytes += sizeOf(request);
    for (const oldest of this.#byRun.keys()) {
      if (this.#byRun.size <= mostHeld && this.#bytes <= mostBytes) break;
      this.take(oldest);
    }
  }

  /** Once; null when there is none. */
  take(run: RunId): ClientRequest | null {
    const request = this.#byRun.get(run);
    if (request === undefined) return null;
    this.#byRun.delete(run);
    this.#bytes -= sizeOf(request);
    return request;
  }
}

function objectIn(part: Uint8Array | undefined): JsonObject | null {
  const value = part && parseTolerantJson(decoder.decode(part));
  return isJsonObject(value) ? value : null;
}

function sizeOf({ parts }: ClientRequest): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
