/**
 * The two formats of Jupyter's kernel sockets. `v1.kernel.websocket.jupyter.org`: the parts as they are, offsets before
 * them, little-endian 64-bit. The older one: one JSON object, and with buffers a binary frame of big-endian 32-bit
 * offsets. Nothing here throws: what cannot be read is null. Source: jupyter_server, developers/websocket-protocols.
 */
import { type JsonObject, isJsonObject } from '@cahier/base/json.ts';
import { parseTolerantJson } from './tolerant-json.ts';

export const v1Protocol = 'v1.kernel.websocket.jupyter.org';

export type KernelChannel = 'shell' | 'control' | 'stdin' | 'iopub';

/** The parts of a message as bytes: header, parent header, metadata, content, then buffers. */
export interface SocketMessage {
  readonly channel: KernelChannel;
  readonly parts: readonly Uint8Array[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const jsonParts = 4;
const mostParts = 10_000;
const channels: readonly KernelChannel[] = ['shell', 'control', 'stdin', 'iopub'];

export function encodeV1({ channel, parts }: SocketMessage): Uint8Array<ArrayBuffer> {
  const pieces = [encoder.encode(channel), ...parts];
  const count = pieces.length + 1;
  const start = 8 * (1 + count);
  const frame = new Uint8Array(start + sizeOf(pieces));
  const view = new DataView(frame.buffer);
  view.setBigUint64(0, BigInt(count), true);
  let at = start;
  for (const [index, piece] of pieces.entries()) {
    view.setBigUint64(8 * (1 + index), BigInt(at), true);
    frame.set(piece, at);
    at += piece.length;
  }
  view.setBigUint64(8 * count, BigInt(at), true);
  return frame;
}

export function decodeV1(frame: Uint8Array): SocketMessage | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 8) return null;
  const count = Number(view.getBigUint64(0, true));
  if (count < 2 + jsonParts || count > mostParts || 8 * (1 + count) > frame.length) return null;
  const offsets = Array.from({ length: count }, (_, i) => Number(view.getBigUint64(8 * (1 + i), true)));
  const pieces = piecesAt(frame, offsets, 8 * (1 + count));
  const [name, ...parts] = pieces ?? [];
  return name === undefined ? null : checked(decoder.decode(name), parts);
}

/** Text when there are no buffers, else binary. Null when the kernel's JSON cannot be read. */
export function encodeLegacy({ channel, parts }: SocketMessage): string | Uint8Array<ArrayBuffer> | null {
  const [header, parent, metadata, content] = parts.slice(0, jsonParts).map(parsed);
  if (!header || !parent || !metadata || !content) return null;
  const buffers = parts.slice(jsonParts);
  const { msg_id = '', msg_type = '' } = header;
  const message = {
    header,
    msg_id,
    msg_type,
    parent_header: parent,
    metadata,
    content,
    buffers: [],
    channel,
  };
  const text = JSON.stringify(message);
  if (buffers.length === 0) return text;
  const pieces = [encoder.encode(text), ...buffers];
  const start = 4 * (1 + pieces.length);
  const frame = new Uint8Array(start + sizeOf(pieces));
  const view = new DataView(frame.buffer);
  view.setUint32(0, pieces.length);
  let at = start;
  for (const [index, piece] of pieces.entries()) {
    view.setUint32(4 * (1 + index), at);
    frame.set(piece, at);
    at += piece.length;
  }
  return frame;
}

/** A message without a channel is for the shell. */
export function decodeLegacy(frame: string | Uint8Array): SocketMessage | null {
  if (typeof frame === 'string') return fromJson(frame, []);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 8) return null;
  const count = view.getUint32(0);
  if (count < 1 || count > mostParts || 4 * (1 + count) > frame.length) return null;
  const offsets = Array.from({ length: count }, (_, i) => view.getUint32(4 * (1 + i)));
  const [text, ...buffers] = piecesAt(frame, [...offsets, frame.length], 4 * (1 + count)) ?? [];
  return text === undefined ? null : fromJson(decoder.decode(text), buffers);
}

function fromJson(text: string, buffers: readonly Uint8Array[]): SocketMessage | null {
  const value = parseTolerantJson(text);
  if (!isJsonObject(value)) return null;
  const { header, parent_header = {}, metadata = {}, content = {}, channel } = value;
  if (![header, parent_header, metadata, content].every(isJsonObject)) return null;
  const parts = [header, parent_header, metadata, content].map((part) =>
    encoder.encode(JSON.stringify(part)),
  );
  return checked(typeof channel === 'string' ? channel : 'shell', [...parts, ...buffers]);
}

function checked(name: string, parts: readonly Uint8Array[]): SocketMessage | null {
  const channel = channels.find((each) => each === name);
  return channel === undefined || parts.length < jsonParts ? null : { channel, parts };
}

/** The pieces between the offsets, which must not lead back, out of the frame, or into what is before `start`. */
function piecesAt(frame: Uint8Array, offsets: readonly number[], start: number): Uint8Array[] | null {
  const pieces: Uint8Array[] = [];
  let from: number | null = null;
  for (const to of offsets) {
    if (to < (from ?? start) || to > frame.length) return null;
    if (from !== null) pieces.push(frame.subarray(from, to));
    from = to;
  }
  return pieces;
}

function parsed(part: Uint8Array): JsonObject | null {
  const value = parseTolerantJson(decoder.decode(part));
  return isJsonObject(value) ? value : null;
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
