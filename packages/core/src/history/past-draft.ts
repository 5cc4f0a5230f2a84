/**
 * The document at a moment, while it is being folded: steps are applied in place, `freeze` gives the plain value.
 * Cells that no step touched stay the same objects. Only fold.ts and derive-steps.ts hold one.
 */
import { assertNever } from '@cahier/base/assert-never.ts';
import type { CellId } from '@cahier/base/ids.ts';
import { isJsonObject, type Json } from '@cahier/base/json.ts';
import type { Change, PastCell, PastDocument, Step } from './step.ts';
import { applyTextDelta } from './text-delta.ts';

export class PastDraft {
  readonly cells: Map<CellId, PastCell>;
  readonly meta: Map<string, Json>;
  seq: number;

  constructor(past: PastDocument) {
    this.seq = past.seq;
    this.meta = new Map(Object.entries(past.meta));
    this.cells = new Map(Object.values(past.cells).map((cell) => [cell.id, cell]));
  }

  apply(step: Step): void {
    for (const change of step.changes) this.change(change);
    this.seq = step.seq;
  }

  /** A change of a cell that is not there changes nothing. */
  change(change: Change): void {
    switch (change.c) {
      case 'cell+': {
        const { c: _, cell: id, ...content } = change;
        const run = this.cells.get(id)?.run;
        this.cells.set(id, { id, ...content, ...(run === undefined ? {} : { run }) });
        return;
      }
      case 'cell-':
        this.cells.delete(change.cell);
        return;
      case 'text':
        this.#update(change.cell, (cell) => ({ ...cell, source: applyTextDelta(cell.source, change.delta) }));
        return;
      case 'set':
        this.#update(change.cell, (cell) => withRegister(cell, change.key, change.value));
        return;
      case 'meta':
        if (change.value === undefined) this.meta.delete(change.key);
        else this.meta.set(change.key, change.value);
        return;
      case 'run': {
        const { state, count, outputs } = change;
        this.#update(change.cell, (cell) => ({ ...cell, run: { state, count, outputs } }));
        return;
      }
      case 'mark':
        return;
      default:
        assertNever(change);
    }
  }

  freeze(): PastDocument {
    return { seq: this.seq, meta: Object.fromEntries(this.meta), cells: Object.fromEntries(this.cells) };
  }

  #update(id: CellId, update: (cell: PastCell) => PastCell): void {
    const cell = this.cells.get(id);
    if (cell) this.cells.set(id, update(cell));
  }
}

function withRegister(
  cell: PastCell,
  key: 'type' | 'position' | 'metadata' | 'attachments' | 'extra',
  value: Json | null,
): PastCell {
  switch (key) {
    case 'type':
      return value === 'code' || value === 'markdown' || value === 'raw' ? { ...cell, type: value } : cell;
    case 'position':
      return typeof value === 'string' ? { ...cell, position: value } : cell;
    case 'metadata':
      return isJsonObject(value) ? { ...cell, metadata: value } : cell;
    case 'attachments': {
      const { attachments: _, ...rest } = cell;
      return isJsonObject(value) ? { ...rest, attachments: value } : rest;
    }
    case 'extra': {
      const { extra: _, ...rest } = cell;
      return isJsonObject(value) ? { ...rest, extra: value } : rest;
    }
    default:
      return assertNever(key);
  }
}
