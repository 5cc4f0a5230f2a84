/** Three-way merge of one cell. */
import { jsonEquals, type JsonObject } from '@cahier/base/json.ts';
import { mergeText } from '../documents/merge-text.ts';
import { mergeObject } from './merge-json.ts';
import { without } from './nbformat/lines.ts';
import { attachmentsOf, isSameResult } from './notebook-equals.ts';
import type { PlainCell, PlainCodeCell } from './notebook.ts';

/** Metadata that programs write by themselves: a change of it is no reason to keep a deleted cell. */
export const writtenByPrograms: readonly string[] = [
  'execution',
  'collapsed',
  'scrolled',
  'ExecuteTime',
  'papermill',
  'jupyter',
  'outputId',
];

/** Did a person change the cell since `base`? */
export function isEdited(base: PlainCell, cell: PlainCell): boolean {
  return !(
    base.source === cell.source &&
    base.type === cell.type &&
    jsonEquals(attachmentsOf(base), attachmentsOf(cell)) &&
    jsonEquals(without(base.metadata, ...writtenByPrograms), without(cell.metadata, ...writtenByPrograms))
  );
}

/** The merged cell, with our id. `base` null: both added it. */
export function mergeCell(base: PlainCell | null, ours: PlainCell, theirs: PlainCell): PlainCell {
  const type = base !== null && ours.type === base.type ? theirs.type : ours.type;
  const extra = mergeOptional(base?.extra, ours.extra, theirs.extra);
  const common = {
    id: ours.id,
    source: mergeText(base?.source ?? '', ours.source, theirs.source),
    metadata: mergeObject(base?.metadata ?? {}, ours.metadata, theirs.metadata),
    ...(extra && { extra }),
  };
  if (type === 'code') return { ...common, type, ...resultOf(base, ours, theirs) };
  const attachments = mergeOptional(base && attachmentsOf(base), attachmentsOf(ours), attachmentsOf(theirs));
  return { ...common, type, ...(attachments && { attachments }) };
}

/** Outputs: theirs where they changed them, else ours. */
function resultOf(
  base: PlainCell | null,
  ours: PlainCell,
  theirs: PlainCell,
): Pick<PlainCodeCell, 'outputs' | 'executionCount'> {
  const isTheirs = base === null ? hasResult(theirs) && !hasResult(ours) : !isSameResult(base, theirs);
  const from = [isTheirs ? theirs : ours, ours, theirs].find((cell) => cell.type === 'code');
  return from?.type === 'code'
    ? { outputs: from.outputs, executionCount: from.executionCount }
    : { outputs: [], executionCount: null };
}

function hasResult(cell: PlainCell): boolean {
  return cell.type === 'code' && (cell.outputs.length > 0 || cell.executionCount !== null);
}

function mergeOptional(
  base: JsonObject | undefined | null,
  ours: JsonObject | undefined,
  theirs: JsonObject | undefined,
): JsonObject | undefined {
  if (ours === undefined || theirs === undefined) {
    const one = ours ?? theirs;
    if (one === undefined || base === undefined || base === null) return one;
    return jsonEquals(one, base) ? undefined : one;
  }
  return mergeObject(base ?? {}, ours, theirs);
}
