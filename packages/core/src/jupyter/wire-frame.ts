/**
 * The Jupyter wire format: ZeroMQ frames to messages and back. Identities…, `<IDS|MSG>`, signature, header, parent,
 * metadata, content, buffers…; the signature covers the four JSON frames exactly as sent. Signing is passed in; with
 * an empty key both sides write an empty signature. Source: messaging specification, "The wire protocol".
 */
import { type JsonObject, isJsonObject } from '@cahier/base/json.ts';
import { type JupyterMessage, type MessageHeader, readHeader, readParent } from './message.ts';
import { parseTolerantJson } from './tolerant-json.ts';

/** Hex HMAC of the parts one after another; empty string when the connection has no key. */
export type Sign = (parts: readonly Uint8Array[]) => string;

export type WireFault = 'no-delimiter' | 'too-short' | 'bad-signature' | 'not-json' | 'no-type';

export type WireRead =
  | {
      readonly ok: true;
      readonly message: JupyterMessage;
      /** As they came: header, parent, metadata, content, buffers; for who hands them on. */
      readonly parts: readonly Uint8Array[];
      /** What stands before the delimiter: on IOPub the topic, if the kernel writes one. */
      readonly identities: readonly Uint8Array[];
    }
  | { readonly ok: false; readonly fault: WireFault };

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const delimiter = encoder.encode('<IDS|MSG>');
const noObject: JsonObject = {};

function isDelimiter(frame: Uint8Array): boolean {
  return frame.length === delimiter.length && delimiter.every((byte, i) => frame[i] === byte);
}

/** Takes the same time whatever differs, so that a signature cannot be guessed digit by digit. */
function isSameSignature(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

function parse(frame: Uint8Array): JsonObject | null {
  if (frame.length === 2) return noObject;
  const value = parseTolerantJson(decoder.decode(frame));
  return isJsonObject(value) ? value : null;
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * A reader for one socket. It remembers the last parent header, since all outputs of a run carry the same one.
 * Faults are answers: the caller logs and drops such messages.
 */
export function wireReader(sign: Sign): (frames: readonly Uint8Array[]) => WireRead {
  let lastParent: { bytes: Uint8Array; parent: MessageHeader | null } | null = null;

  function readParentFrame(bytes: Uint8Array): MessageHeader | null {
    if (lastParent !== null && isSameBytes(lastParent.bytes, bytes)) return lastParent.parent;
    const parent = readParent(parse(bytes));
    lastParent = { bytes, parent };
    return parent;
  }

  return (frames) => {
    const at = frames.findIndex(isDelimiter);
    if (at < 0) return { ok: false, fault: 'no-delimiter' };
    const [signature, header, parent, metadata, content, ...buffers] = frames.slice(at + 1);
    if (!signature || !header || !parent || !metadata || !content) return { ok: false, fault: 'too-short' };
    if (!isSameSignature(decoder.decode(signature), sign([header, parent, metadata, content])))
      return { ok: false, fault: 'bad-signature' };
    const headerValue = parse(header);
    const contentValue = parse(content);
    if (headerValue === null || contentValue === null) return { ok: false, fault: 'not-json' };
    const readableHeader = readHeader(headerValue);
    if (readableHeader === null) return { ok: false, fault: 'no-type' };
    return {
      ok: true,
      identities: frames.slice(0, at),
      parts: frames.slice(at + 2),
      message: {
        header: readableHeader,
        parent: readParentFrame(parent),
        metadata: parse(metadata) ?? noObject,
        content: contentValue,
        buffers,
      },
    };
  };
}

/** The frames of a message, without identities (a DEALER's are added by ZeroMQ). */
export function writeWire(message: JupyterMessage, sign: Sign): Uint8Array[] {
  const parts = [message.header, message.parent ?? noObject, message.metadata, message.content].map((part) =>
    encoder.encode(JSON.stringify(part)),
  );
  return [delimiter, encoder.encode(sign(parts)), ...parts, ...message.buffers];
}

/** The frames of a message whose parts (header, parent, metadata, content, buffers) are written already. */
export function signParts(parts: readonly Uint8Array[], sign: Sign): Uint8Array[] {
  return [delimiter, encoder.encode(sign(parts.slice(0, 4))), ...parts];
}
