/**
 * The envelope of both links: one binary WebSocket message =
 * u32 little-endian length of the header · header (JSON, UTF-8) · payload (raw bytes, may be empty).
 * A header that carries several byte strings lists their lengths in its own `parts`.
 * This file only frames; the schemas in client/ and runner/ say what a header may be.
 */
import { appError } from '@cahier/core/errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const empty = new Uint8Array(0);

export interface RawFrame {
  readonly header: unknown;
  readonly payload: Uint8Array;
}

export function encodeFrame(header: object, payload: Uint8Array = empty): Uint8Array {
  const head = encoder.encode(JSON.stringify(header));
  const frame = new Uint8Array(4 + head.length + payload.length);
  new DataView(frame.buffer).setUint32(0, head.length, true);
  frame.set(head, 4);
  frame.set(payload, 4 + head.length);
  return frame;
}

/** Throws `frame/malformed`. The payload is a view into `bytes`, not a copy. */
export function decodeFrame(bytes: Uint8Array): RawFrame {
  if (bytes.length < 4) throw appError('frame/malformed', { details: { why: 'it is too short' } });
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (4 + length > bytes.length) throw appError('frame/malformed', { details: { why: 'it was cut short' } });
  try {
    const header: unknown = JSON.parse(decoder.decode(bytes.subarray(4, 4 + length)));
    return { header, payload: bytes.subarray(4 + length) };
  } catch (cause) {
    throw appError('frame/malformed', { details: { why: 'its header is not JSON' }, cause });
  }
}

/** Splits a payload by the lengths in `parts`. Throws `frame/malformed` when they do not add up. */
export function splitPayload(payload: Uint8Array, parts: readonly number[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  let at = 0;
  for (const length of parts) {
    out.push(payload.subarray(at, at + length));
    at += length;
  }
  if (at !== payload.length)
    throw appError('frame/malformed', { details: { why: 'its parts do not add up' } });
  return out;
}

export function joinPayload(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
