/**
 * How a notebook's source lies in its Y document: the registers of a cell and the keys of `meta`. Only source-doc.ts
 * and the notebook kind know it. Readers never throw: what a broken peer wrote is skipped or replaced by a default.
 *
 * `meta`  `nbformat_minor` (number); one key per notebook metadata key, written as it is (`kernelspec`,
 *         `language_info`, …); `/extra` (unknown top-level fields). A metadata key that is called `nbformat_minor` or
 *         starts with `/` gets one more `/` in front.
 * `cells` id → map of `type`, `position`, `source` (Y.Text), `metadata` (map: key → JSON), `attachments` (map: name →
 *         MIME bundle), both always there so that two people's first keys merge; when needed `extra` (JSON) and
 *         `hasAttachments` (true: the file shows `attachments` even when they are empty).
 */
import * as Y from 'yjs';
import type { CellId } from '@cahier/base/ids.ts';
import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@cahier/base/json.ts';
import type { CellType, PlainCell, PlainNotebook } from './notebook.ts';

export const minorKey = 'nbformat_minor';
export const extraKey = '/extra';
/** The minor of notebooks made here: the first with cell ids. */
export const defaultMinor = 5;
/** Where a cell without a readable position goes: the end. */
const lostPosition = 'zzzz';

/** A cell as the source document has it. */
export interface SourceCell {
  readonly id: CellId;
  readonly type: CellType;
  readonly position: string;
  readonly source: string;
  readonly metadata: JsonObject;
  /** Also there while the cell is a code cell, whose file form has none: changing the type back brings them back. */
  readonly attachments?: JsonObject;
  readonly extra?: JsonObject;
}

export function metaKeyOf(metadataKey: string): string {
  return metadataKey === minorKey || metadataKey.startsWith('/') ? `/${metadataKey}` : metadataKey;
}

/** The notebook metadata key that a key of `meta` stands for; null for the format's own keys. */
export function metadataKeyOf(metaKey: string): string | null {
  if (metaKey === minorKey || metaKey === extraKey) return null;
  return metaKey.startsWith('/') ? metaKey.slice(1) : metaKey;
}

/** What `meta` holds for a notebook. */
export function metaEntries(notebook: PlainNotebook): JsonObject {
  const metadata = Object.entries(notebook.metadata).map(([key, value]) => [metaKeyOf(key), value] as const);
  return {
    ...Object.fromEntries(metadata),
    [minorKey]: notebook.nbformatMinor,
    ...(notebook.extra && { [extraKey]: notebook.extra }),
  };
}

export function isCellType(value: unknown): value is CellType {
  return value === 'code' || value === 'markdown' || value === 'raw';
}

export function typeOf(cell: Y.Map<unknown>): CellType {
  const type = cell.get('type');
  return isCellType(type) ? type : 'code';
}

export function positionOf(cell: Y.Map<unknown>): string {
  const position = cell.get('position');
  return typeof position === 'string' ? position : lostPosition;
}

/** The text of a cell that can be shown and edited; undefined when a broken peer made the cell. */
export function textOfCell(cell: unknown): Y.Text | undefined {
  if (!(cell instanceof Y.Map)) return undefined;
  const source: unknown = cell.get('source');
  return source instanceof Y.Text ? source : undefined;
}

/** The registers of a cell as plain values; null when it is not a cell. */
export function readRegisters(id: CellId, cell: unknown): SourceCell | null {
  const text = textOfCell(cell);
  if (text === undefined || !(cell instanceof Y.Map)) return null;
  const stored = objectOf(cell.get('attachments'));
  const extra = objectOf(cell.get('extra'));
  const hasAttachments = Object.keys(stored).length > 0 || cell.get('hasAttachments') === true;
  return {
    id,
    type: typeOf(cell),
    position: positionOf(cell),
    source: text.toString(),
    metadata: objectOf(cell.get('metadata')),
    ...(hasAttachments && { attachments: stored }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

/** A new cell, to be set into `cells`. */
export function makeCell(cell: Omit<SourceCell, 'id'>): Y.Map<unknown> {
  const { attachments, extra } = cell;
  return new Y.Map<unknown>([
    ['type', cell.type],
    ['position', cell.position],
    ['source', new Y.Text(cell.source)],
    ['metadata', new Y.Map<unknown>(Object.entries(cell.metadata))],
    ['attachments', new Y.Map<unknown>(Object.entries(attachments ?? {}))],
    ...(extra === undefined ? [] : [['extra', extra] as const]),
    ...(isEmptyObject(attachments) ? [['hasAttachments', true] as const] : []),
  ]);
}

export function isEmptyObject(object: JsonObject | undefined): boolean {
  return object !== undefined && Object.keys(object).length === 0;
}

/** Makes `map` hold exactly `target`; writes only keys that differ. */
export function setEntries(map: Y.Map<unknown>, target: JsonObject): void {
  const present = objectOf(map);
  for (const key of Object.keys(present)) if (!Object.hasOwn(target, key)) map.delete(key);
  for (const [key, value] of Object.entries(target)) {
    if (!Object.hasOwn(present, key) || !jsonEquals(present[key], value)) map.set(key, value);
  }
}

/** The nested map under `key`, made when a broken peer left it out. */
export function nestedMap(cell: Y.Map<unknown>, key: 'metadata' | 'attachments'): Y.Map<unknown> {
  const value = cell.get(key);
  if (value instanceof Y.Map) return value;
  const made = new Y.Map<unknown>(Object.entries(objectOf(value)));
  cell.set(key, made);
  return made;
}

/** The cell as a file shows it, without results. */
export function plainCellOf(cell: SourceCell): PlainCell {
  const { id, type, source, metadata, attachments, extra } = cell;
  const common = { id, source, metadata, ...(extra && { extra }) };
  if (type === 'code') return { ...common, type, outputs: [], executionCount: null };
  return { ...common, type, ...(attachments && { attachments }) };
}

/** Whatever a Y type or register holds, as a JSON object; `{}` when it is none. */
export function objectOf(value: unknown): JsonObject {
  const json = jsonOf(value);
  return isJsonObject(json) ? json : {};
}

/** Whatever a Y type or register holds, as JSON; what JSON cannot carry becomes null. */
export function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value instanceof Y.Map) return Object.fromEntries([...value].map(([key, item]) => [key, jsonOf(item)]));
  if (value instanceof Y.AbstractType) return jsonOf(value.toJSON());
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object' || value === undefined || value instanceof Uint8Array) return null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item)]));
}
