/**
 * How a notebook lies in the shared document: the schema of @jupyter/ydoc (document version 2.0.0), which JupyterLab and
 * Python clients read and write. Readers never throw; what a broken client wrote is null.
 * `cells`: Y.Array of Y.Map {id, cell_type, source: Y.Text, metadata: Y.Map; code: outputs: Y.Array, execution_count,
 * execution_state; others: attachments}. `meta`: {nbformat, nbformat_minor, metadata: Y.Map}. `state`: {path, dirty, …}.
 */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import * as Y from 'yjs';
import type { CellType } from '../../notebooks/notebook.ts';
import { isCellType, objectOf, type SourceCell } from '../../notebooks/source-layout.ts';
import { withoutCarriageReturns } from './text-link.ts';

/** Clients drop the ids of cells when they write a notebook of a lower minor. */
export const leastMinor = 5;
/** Exists between a server and its page only; never in a file. */
export const trustedKey = 'trusted';

/** One cell of the shared document. When it is moved, another one takes its place. */
export type Clone = Y.Map<unknown>;

export function cellsArray(shared: Y.Doc): Y.Array<unknown> {
  return shared.getArray('cells');
}

export function sharedMeta(shared: Y.Doc): Y.Map<unknown> {
  return shared.getMap('meta');
}

/** The nested `metadata` of the notebook; made when there is none. Inside a transaction. */
export function notebookMetadataMap(shared: Y.Doc): Y.Map<unknown> {
  const present = sharedMeta(shared).get('metadata');
  if (present instanceof Y.Map) return present;
  const made = new Y.Map<unknown>(Object.entries(objectOf(present)));
  sharedMeta(shared).set('metadata', made);
  return made;
}

/** The parts of a cell that can be shown; null when a broken client made it. */
export interface CloneParts {
  readonly id: CellId;
  readonly type: CellType;
  readonly text: Y.Text;
  readonly metadata: Y.Map<unknown>;
}

export function partsOf(clone: unknown): CloneParts | null {
  if (!(clone instanceof Y.Map)) return null;
  const [id, type, text, metadata]: unknown[] = ['id', 'cell_type', 'source', 'metadata'].map(
    (key): unknown => clone.get(key),
  );
  if (typeof id !== 'string' || id === '' || !isCellType(type)) return null;
  if (!(text instanceof Y.Text) || !(metadata instanceof Y.Map)) return null;
  if (type === 'code' && !(clone.get('outputs') instanceof Y.Array)) return null;
  return { id: asCellId(id), type, text, metadata };
}

/** As much of a cell as can be read from what a broken client made of it; null when there is nothing. */
export function salvage(clone: unknown): Omit<SourceCell, 'id' | 'position'> | null {
  const { source, cell_type: type, metadata, attachments } = objectOf(clone);
  if (typeof source !== 'string' || source === '') return null;
  const pictures = objectOf(attachments);
  return {
    type: isCellType(type) ? type : 'code',
    source,
    metadata: withoutTrust(objectOf(metadata)),
    ...(Object.keys(pictures).length > 0 && { attachments: pictures }),
  };
}

export function outputsOf(clone: Clone): Y.Array<unknown> | null {
  const outputs = clone.get('outputs');
  return outputs instanceof Y.Array ? outputs : null;
}

/** The results part of a cell that is made. */
export interface CloneResults {
  readonly outputs: Y.Array<unknown>;
  readonly executionCount: number | null;
  readonly isRunning: boolean;
  readonly isTrusted: boolean;
}

/** A new cell, to be inserted into `cells`. */
export function makeClone(cell: Omit<SourceCell, 'position'>, results: CloneResults): Clone {
  const metadata = new Y.Map<unknown>(Object.entries(cell.metadata));
  const clone = new Y.Map<unknown>([
    ['id', cell.id],
    ['cell_type', cell.type],
    ['source', new Y.Text(withoutCarriageReturns(cell.source))],
    ['metadata', metadata],
  ]);
  if (cell.type !== 'code') {
    if (cell.attachments) clone.set('attachments', cell.attachments);
    return clone;
  }
  if (results.isTrusted) metadata.set(trustedKey, true);
  clone.set('outputs', results.outputs);
  clone.set('execution_count', results.executionCount);
  clone.set('execution_state', results.isRunning ? 'running' : 'idle');
  return clone;
}

export function withoutTrust(metadata: JsonObject): JsonObject {
  if (!Object.hasOwn(metadata, trustedKey)) return metadata;
  const { [trustedKey]: _trusted, ...rest } = metadata;
  return rest;
}
