/** Cells of nbformat 4 as plain cells: repairs what can be repaired (ids), names what cannot. */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';
import type { PlainCell } from '../notebook.ts';
import { isCellType } from '../source-layout.ts';
import { joinBundle, joinLines, mapBundles, without } from './lines.ts';
import { isCount, readOutput } from './outputs.ts';

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

const wrong = (why: string) => ({ ok: false, why }) as const;

/** The last minor whose schema is known here; a newer one may have cell types of its own. */
const knownMinor = 5;

export function readCells(
  list: readonly Json[],
  minor: number,
  newId: () => string,
): Read<readonly PlainCell[]> {
  const giveId = idGiver(list, newId);
  const cells: PlainCell[] = [];
  for (const [i, raw] of list.entries()) {
    const cell = readCell(raw, minor, giveId);
    if (!cell.ok) return wrong(`cell ${i + 1} ${cell.why}`);
    cells.push(cell.value);
  }
  return { ok: true, value: cells };
}

function readCell(raw: Json, minor: number, giveId: (id: Json | undefined) => CellId): Read<PlainCell> {
  if (!isJsonObject(raw)) return wrong('is not an object');
  const type = raw['cell_type'];
  if (typeof type !== 'string') return wrong('has no cell_type');
  const isKnown = isCellType(type);
  if (!isKnown && minor <= knownMinor) return wrong(`has the unknown type “${type}”`);
  const source = joinLines(raw['source']) ?? (isKnown || raw['source'] !== undefined ? null : '');
  if (source === null)
    return wrong(raw['source'] === undefined ? 'has no source' : 'has a source that is not text');
  const metadata = raw['metadata'] ?? {};
  if (!isJsonObject(metadata)) return wrong('has metadata that is not an object');
  const common = { id: giveId(raw['id']), source, metadata: without(metadata, 'trusted') };
  if (type === 'code') return readCodeCell(raw, common);
  const { attachments } = raw;
  if (attachments !== undefined && !isJsonObject(attachments))
    return wrong('has attachments that are not an object');
  const extra = extraOf(raw, 'attachments');
  const keptExtra = isKnown ? extra : { ...extra, cell_type: type };
  return {
    ok: true,
    value: {
      ...common,
      type: isCellType(type) && type !== 'code' ? type : 'raw',
      ...(attachments && { attachments: mapBundles(attachments, joinBundle) }),
      ...(keptExtra && { extra: keptExtra }),
    },
  };
}

function readCodeCell(
  raw: JsonObject,
  common: Pick<PlainCell, 'id' | 'source' | 'metadata'>,
): Read<PlainCell> {
  const outputs = raw['outputs'] ?? [];
  if (!isList(outputs)) return wrong('has outputs that are not a list');
  const bad = outputs.findIndex((output) => !isJsonObject(output));
  if (bad >= 0) return wrong(`has an output (number ${bad + 1}) that is not an object`);
  const count = raw['execution_count'] ?? null;
  if (!isCount(count)) return wrong('has an execution_count that is not a whole number');
  const extra = extraOf(raw, 'outputs', 'execution_count');
  return {
    ok: true,
    value: {
      ...common,
      type: 'code',
      outputs: outputs.flatMap((output) => (isJsonObject(output) ? [readOutput(output)] : [])),
      executionCount: count,
      ...(extra && { extra }),
    },
  };
}

function extraOf(raw: JsonObject, ...known: readonly string[]): JsonObject | undefined {
  const extra = without(raw, 'cell_type', 'id', 'source', 'metadata', ...known);
  return Object.keys(extra).length > 0 ? extra : undefined;
}

/** Gives every cell an id: the file's if it is well-formed and not used above, else a new one. */
function idGiver(list: readonly Json[], newId: () => string): (id: Json | undefined) => CellId {
  const inFile = new Set(list.map((cell) => (isJsonObject(cell) ? cell['id'] : undefined)));
  const used = new Set<string>();
  return (id) => {
    const isKept = typeof id === 'string' && /^[\w-]{1,64}$/.test(id) && !used.has(id);
    let chosen = isKept ? id : newId();
    for (let i = 0; !isKept && (used.has(chosen) || inFile.has(chosen)); i++) chosen = `${newId()}-${i}`;
    used.add(chosen);
    return asCellId(chosen);
  };
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
