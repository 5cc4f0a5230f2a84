/** One message of a kernel on its way to clients: read once, written once per format, however many listen. */
import { isJsonObject, type JsonObject } from '@cahier/base/json.ts';
import { isOutputType } from '@cahier/core/jupyter/message.ts';
import {
  encodeLegacy,
  encodeV1,
  type SocketMessage,
  v1Protocol,
} from '@cahier/core/jupyter/socket-frames.ts';
import { parseTolerantJson } from '@cahier/core/jupyter/tolerant-json.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class HeardMessage {
  readonly message: SocketMessage;
  readonly header: JsonObject;
  readonly parent: JsonObject;
  readonly bytes: number;
  #v1: Uint8Array | null = null;
  #legacy: ReturnType<typeof encodeLegacy> | undefined;

  constructor(message: SocketMessage) {
    this.message = message;
    this.header = jsonOf(message.parts[0]);
    this.parent = jsonOf(message.parts[1]);
    this.bytes = message.parts.reduce((sum, part) => sum + part.length, 0);
  }

  /** Made here: `parts` are header, parent, metadata, content. */
  static of(channel: SocketMessage['channel'], parts: readonly JsonObject[]): HeardMessage {
    return new HeardMessage({ channel, parts: parts.map((part) => encoder.encode(JSON.stringify(part))) });
  }

  get type(): string {
    return textAt(this.header, 'msg_type');
  }

  get content(): JsonObject {
    return jsonOf(this.message.parts[3]);
  }

  get isOutput(): boolean {
    return this.message.channel === 'iopub' && isOutputType(this.type);
  }

  /** Null when this format cannot say it (the kernel's JSON is broken). */
  frameFor(protocol: string): string | Uint8Array | null {
    if (protocol === v1Protocol) return (this.#v1 ??= encodeV1(this.message));
    if (this.#legacy === undefined) this.#legacy = encodeLegacy(this.message);
    return this.#legacy;
  }
}

export function jsonOf(part: Uint8Array | undefined): JsonObject {
  const value = part && parseTolerantJson(decoder.decode(part));
  return isJsonObject(value) ? value : {};
}

export function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}
