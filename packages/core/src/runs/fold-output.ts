/**
 * One message of a run → the operations it makes on the live document. Pure; tolerant: kernels send wrong types and
 * unknown shapes every day, nothing here throws. Large values stay inline (the server moves them to blobs before).
 * Source: Jupyter messaging 5.x, sections "Streams", "Display data", "update_display_data", "Clear output".
 */
import { type CellId, asCellId } from '@cahier/base/ids.ts';
import { type Json, type JsonObject, isJsonObject } from '@cahier/base/json.ts';
import type { MimeBundle } from '../notebooks/notebook.ts';
import { liveCell } from './apply-live-op.ts';
import type { LiveCell, LiveNotebook, LiveOp, LiveOutput } from './live.ts';
import { isJsonMime } from './mime-type.ts';
import { writeTerminalText } from './terminal-text.ts';

export interface OutputMessageLike {
  readonly type: string;
  readonly content: JsonObject;
}

/** Operations of one message for the cell, which must be in the document. */
export function foldOutput(state: LiveNotebook, id: CellId, message: OutputMessageLike): LiveOp[] {
  const cell = liveCell(state, id);
  if (cell === undefined) return [];
  if (message.type === 'clear_output') return foldClear(cell, id, message.content);
  if (message.type === 'update_display_data') return foldUpdate(state, message.content);
  if (message.type === 'stream') {
    const text = joined(message.content.text);
    return text === '' ? [] : foldStream(cell, id, streamName(message.content.name), text);
  }
  return addOutput(cell, id, outputOf(message));
}

/** Appends text to the cell's open stream, or begins one. */
export function foldStream(cell: LiveCell, id: CellId, name: 'stdout' | 'stderr', text: string): LiveOp[] {
  const index = cell.outputs.length - 1;
  const last = cell.outputs[index];
  if (cell.isClearPending || last?.type !== 'stream' || last.name !== name) {
    const folded = writeTerminalText({ text: '', back: 0 }, text);
    return addOutput(cell, id, { type: 'stream', name, ...withBack(folded.text, folded.back) });
  }
  const folded = writeTerminalText({ text: last.text, back: last.back ?? 0 }, text);
  const keep = folded.text.startsWith(last.text) ? last.text.length : last.text.lastIndexOf('\n') + 1;
  return [{ op: 'stream', cell: id, index, keep, ...withBack(folded.text.slice(keep), folded.back) }];
}

/** An output as the kernel's message says it; what has no readable shape is kept as `unknown`. */
export function outputOf(message: OutputMessageLike): LiveOutput {
  const { type, content } = message;
  if (type === 'error')
    return {
      type: 'error',
      ename: joined(content.ename),
      evalue: joined(content.evalue),
      traceback: Array.isArray(content.traceback)
        ? content.traceback.map(joined)
        : content.traceback === undefined || content.traceback === null
          ? []
          : [joined(content.traceback)],
    };
  if ((type === 'display_data' || type === 'execute_result') && isJsonObject(content.data)) {
    const displayId = displayIdOf(content);
    return {
      type,
      data: bundle(content.data),
      metadata: isJsonObject(content.metadata) ? content.metadata : {},
      ...(type === 'execute_result' ? { executionCount: countOf(content.execution_count) } : {}),
      ...(displayId === null ? {} : { displayId }),
    };
  }
  const { transient: _never, ...rest } = content;
  return { type: 'unknown', raw: { output_type: type, ...rest } };
}

/** MIME type → value, with the string lists of nbformat joined and stray types made text. */
export function bundle(data: JsonObject): MimeBundle {
  const entries = Object.entries(data).map(([mime, value]): [string, Json] => [
    mime,
    isJsonMime(mime) ? value : joined(value),
  ]);
  return Object.fromEntries(entries);
}

export function countOf(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isInteger(value) ? value : null;
}

function addOutput(cell: LiveCell, id: CellId, output: LiveOutput): LiveOp[] {
  if (!cell.isClearPending) return [{ op: 'output.add', cell: id, output }];
  return [clearPending(cell, id, false), { op: 'outputs', cell: id, outputs: [output] }];
}

function foldClear(cell: LiveCell, id: CellId, content: JsonObject): LiveOp[] {
  if (content.wait === true) return cell.isClearPending ? [] : [clearPending(cell, id, true)];
  const ops: LiveOp[] = [];
  if (cell.isClearPending) ops.push(clearPending(cell, id, false));
  if (cell.outputs.length > 0) ops.push({ op: 'outputs', cell: id, outputs: [] });
  return ops;
}

function clearPending(cell: LiveCell, id: CellId, isPending: boolean): LiveOp {
  const { outputs: _outputs, isClearPending: _pending, ...run } = cell;
  return { op: 'cell', cell: id, run: isPending ? { ...run, isClearPending: true } : run };
}

/** Every output with the display id shows the new data, in whatever cell it is. */
function foldUpdate(state: LiveNotebook, content: JsonObject): LiveOp[] {
  const displayId = displayIdOf(content);
  if (displayId === null || !isJsonObject(content.data)) return [];
  const data = bundle(content.data);
  const metadata = isJsonObject(content.metadata) ? content.metadata : {};
  const ops: LiveOp[] = [];
  for (const [id, cell] of cellsOf(state)) {
    if (!displayIdsOf(cell.outputs).has(displayId)) continue;
    cell.outputs.forEach((output, index) => {
      if (output.type !== 'display_data' && output.type !== 'execute_result') return;
      if (output.displayId !== displayId) return;
      const { blobs: _old, ...kept } = output;
      ops.push({ op: 'output.set', cell: id, index, output: { ...kept, data, metadata } });
    });
  }
  return ops;
}

/** All cells with their ids. */
export function cellsOf(state: LiveNotebook): [CellId, LiveCell][] {
  return Object.entries(state.cells).map(([id, cell]) => [asCellId(id), cell]);
}

/** Lists of outputs are immutable, so what was found in one stays true. */
const displayIds = new WeakMap<readonly LiveOutput[], ReadonlySet<string>>();

function displayIdsOf(outputs: readonly LiveOutput[]): ReadonlySet<string> {
  const known = displayIds.get(outputs);
  if (known !== undefined) return known;
  const found = new Set<string>();
  for (const output of outputs)
    if ('displayId' in output && output.displayId !== undefined) found.add(output.displayId);
  displayIds.set(outputs, found);
  return found;
}

function displayIdOf(content: JsonObject): string | null {
  const id = isJsonObject(content.transient) ? content.transient.display_id : undefined;
  return typeof id === 'string' && id !== '' ? id : null;
}

const streamName = (name: Json | undefined) => (name === 'stderr' ? 'stderr' : 'stdout');

const withBack = (text: string, back: number) => (back === 0 ? { text } : { text, back });

function joined(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value.join('');
  return JSON.stringify(value);
}
