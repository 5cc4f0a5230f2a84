/**
 * A document kind is the joint of the system: rooms, mirrors, history and search know kinds and nothing of notebooks
 * or text. Everything here is pure and synchronous; the Y document is a parameter.
 * `Plain` is the kind's value without CRDT (a PlainNotebook, or a text).
 */
import type * as Y from 'yjs';
import type { ErrorCode } from '../errors.ts';
import type { JsonObject } from '@cahier/base/json.ts';

export type KindId = 'notebook' | 'text';

/** A file that cannot be edited: shown read-only with the reason, never written. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly details: JsonObject;
}

export type ParsedFile<Plain> = { readonly ok: true; readonly plain: Plain } | Refusal;

export interface DocumentKind<Plain> {
  readonly id: KindId;
  /** Largest file in bytes that is opened for editing. */
  readonly maxBytes: number;
  /** `path` is for messages only. `newId` makes random cell ids (8 hex characters). Never throws. */
  fromFile(bytes: Uint8Array, path: string, newId: () => string): ParsedFile<Plain>;
  /** The bytes that the field's reference writer would write for this value. */
  toFile(plain: Plain): Uint8Array;
  /** Fills an empty Y document. Outputs of notebooks are not in the Y document (they go to the live document). */
  seed(doc: Y.Doc, plain: Plain): void;
  /** The Y document as a plain value; for notebooks without outputs (`[]`, execution count null). */
  read(doc: Y.Doc): Plain;
  /** The smallest edit after which `read(doc)` equals `target` (outputs ignored); one transaction with `origin`. */
  edit(doc: Y.Doc, target: Plain, origin: unknown, newId: () => string): void;
  /** Three-way merge: nothing either side wrote is lost. Outputs: theirs where they changed them, else ours. */
  merge(base: Plain, ours: Plain, theirs: Plain): Plain;
  /** Are the two the same document (as a file would show it)? */
  equals(a: Plain, b: Plain): boolean;
}
