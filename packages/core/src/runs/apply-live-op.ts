/**
 * Folds one numbered operation into the live document. The server and every client run this same function, so that
 * equal operations give equal documents. What an operation does not touch keeps its identity (React compares by
 * reference). Never throws: an operation for a cell or an output that is not there is counted and otherwise ignored.
 */
import { assertNever } from '@cahier/base/assert-never.ts';
import type { CellId } from '@cahier/base/ids.ts';
import { type LiveCell, type LiveNotebook, type LiveOp, type LiveOutput, emptyLiveCell } from './live.ts';

/** The cell's live part; undefined when there is none. Ids come from files, so `__proto__` is a possible one. */
export function liveCell(state: LiveNotebook, id: CellId): LiveCell | undefined {
  return Object.hasOwn(state.cells, id) ? state.cells[id] : undefined;
}

export function applyLiveOps(state: LiveNotebook, ops: readonly LiveOp[]): LiveNotebook {
  return ops.reduce(applyLiveOp, state);
}

export function applyLiveOp(state: LiveNotebook, op: LiveOp): LiveNotebook {
  const version = state.version + 1;
  switch (op.op) {
    case 'kernel':
      return { ...state, version, kernel: op.kernel };
    case 'queue':
      return { ...state, version, queue: op.queue };
    case 'cell': {
      const outputs = (liveCell(state, op.cell) ?? emptyLiveCell).outputs;
      return withCell(state, op.cell, { ...op.run, outputs });
    }
    case 'cell.drop': {
      if (!Object.hasOwn(state.cells, op.cell)) return { ...state, version };
      const { [op.cell]: _dropped, ...cells } = state.cells;
      return { ...state, version, cells };
    }
    case 'outputs':
      return withOutputs(state, op.cell, () => op.outputs);
    case 'output.add':
      return withOutputs(state, op.cell, (outputs) => [...outputs, op.output]);
    case 'output.set':
      return withOutput(state, op.cell, op.index, () => op.output);
    case 'stream':
      return withOutput(state, op.cell, op.index, (output) => {
        if (output.type !== 'stream') return output;
        const { back: _old, ...rest } = output;
        const text = output.text.slice(0, op.keep) + op.text;
        return op.back ? { ...rest, text, back: op.back } : { ...rest, text };
      });
    case 'stream.page':
      return withOutput(state, op.cell, op.index, (output) => {
        if (output.type !== 'stream') return output;
        return { ...output, text: output.text.slice(op.drop), pages: [...(output.pages ?? []), op.page] };
      });
    default:
      return assertNever(op);
  }
}

function withCell(state: LiveNotebook, id: CellId, cell: LiveCell): LiveNotebook {
  return { ...state, version: state.version + 1, cells: { ...state.cells, [id]: cell } };
}

function withOutputs(
  state: LiveNotebook,
  id: CellId,
  change: (outputs: readonly LiveOutput[]) => readonly LiveOutput[],
): LiveNotebook {
  const cell = liveCell(state, id);
  if (cell === undefined) return { ...state, version: state.version + 1 };
  const outputs = change(cell.outputs);
  if (outputs === cell.outputs) return { ...state, version: state.version + 1 };
  return withCell(state, id, { ...cell, outputs });
}

function withOutput(
  state: LiveNotebook,
  id: CellId,
  index: number,
  change: (output: LiveOutput) => LiveOutput,
): LiveNotebook {
  return withOutputs(state, id, (outputs) => {
    const output = outputs[index];
    if (output === undefined) return outputs;
    const changed = change(output);
    return changed === output ? outputs : outputs.with(index, changed);
  });
}
