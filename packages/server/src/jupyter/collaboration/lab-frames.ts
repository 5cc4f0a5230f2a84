/**
 * Frames of the rooms that JupyterLab's clients share (jupyter-collaboration's wire: y-websocket's, plus RAW). Bytes
 * become values here and nowhere else; what cannot be read is `malformed`, what nobody knows is `unknown` and ignored.
 * Source: y-protocols PROTOCOL.md; lib0 encoding.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

export type LabFrame =
  /** The client's state vector: it asks for what it lacks. */
  | { readonly is: 'step1'; readonly vector: Uint8Array }
  /** An update; `isAnswer`: to our own question (step 2), everything that the client has and we lacked. */
  | { readonly is: 'update'; readonly update: Uint8Array; readonly isAnswer: boolean }
  | { readonly is: 'awareness'; readonly update: Uint8Array }
  | { readonly is: 'awareness.query' }
  | { readonly is: 'save'; readonly id: number }
  | { readonly is: 'unknown' }
  | { readonly is: 'malformed' };

export type SaveStatus = 'success' | 'skipped' | 'failed';

const messageSync = 0;
const messageAwareness = 1;
const messageRaw = 2;
const messageQueryAwareness = 3;
const syncStep1 = 0;
const syncStep2 = 1;
const syncUpdate = 2;

export function decodeLabFrame(bytes: Uint8Array): LabFrame {
  try {
    return decode(decoding.createDecoder(bytes));
  } catch {
    return { is: 'malformed' };
  }
}

function decode(decoder: decoding.Decoder): LabFrame {
  switch (decoding.readVarUint(decoder)) {
    case messageSync:
      return decodeSync(decoder);
    case messageAwareness:
      return { is: 'awareness', update: copied(decoder) };
    case messageRaw:
      return decodeRaw(decoder);
    case messageQueryAwareness:
      return { is: 'awareness.query' };
    default:
      return { is: 'unknown' };
  }
}

function decodeSync(decoder: decoding.Decoder): LabFrame {
  switch (decoding.readVarUint(decoder)) {
    case syncStep1:
      return { is: 'step1', vector: copied(decoder) };
    case syncStep2:
      return { is: 'update', update: copied(decoder), isAnswer: true };
    case syncUpdate:
      return { is: 'update', update: copied(decoder), isAnswer: false };
    default:
      return { is: 'unknown' };
  }
}

function decodeRaw(decoder: decoding.Decoder): LabFrame {
  if (decoding.readVarString(decoder) !== 'save') return { is: 'unknown' };
  return { is: 'save', id: decoding.readVarUint(decoder) };
}

/** Not a view: the socket's buffer is used again. */
function copied(decoder: decoding.Decoder): Uint8Array {
  return Uint8Array.from(decoding.readVarUint8Array(decoder));
}

export function step1Frame(vector: Uint8Array): Uint8Array {
  return syncFrame(syncStep1, vector);
}

export function step2Frame(update: Uint8Array): Uint8Array {
  return syncFrame(syncStep2, update);
}

export function updateFrame(update: Uint8Array): Uint8Array {
  return syncFrame(syncUpdate, update);
}

export function awarenessFrame(update: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, messageAwareness);
    encoding.writeVarUint8Array(encoder, update);
  });
}

/** ASCII only: some clients count characters where others count bytes. */
export function saveReplyFrame(id: number, status: SaveStatus): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, messageRaw);
    encoding.writeVarString(encoder, JSON.stringify({ type: 'save', responseTo: id, status }));
  });
}

function syncFrame(step: number, bytes: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, messageSync);
    encoding.writeVarUint(encoder, step);
    encoding.writeVarUint8Array(encoder, bytes);
  });
}
