/** A comparison of notebooks as lines for a terminal: a heading per cell that differs, then what differs in it. */
import type { Json } from '@cahier/base/json.ts';
import type { KeyChange } from '@cahier/core/history/compare/compare-json.ts';
import {
  type CellChanges,
  type ComparedRow,
  compareSources,
  type ComparisonSummary,
  isContent,
  type NotebookComparison,
} from '@cahier/core/history/compare/compare-notebooks.ts';
import { type OutputRow, plainText, valueText } from '@cahier/core/history/compare/compare-outputs.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { type Paint, printText, visible } from './print-text.ts';

/**
 * Empty when the notebooks are the same. `withResults`: outputs of added and removed cells as well. `hasIds`: the ids
 * are the files' own; those that were made up tell a reader nothing.
 */
export function printNotebooks(
  comparison: NotebookComparison,
  paint: Paint,
  withResults: boolean,
  hasIds: boolean,
): string[] {
  if (comparison.isSame) return [];
  const { metadata, extra, nbformatMinor, rows, summary } = comparison;
  const notebook = [
    ...(nbformatMinor ? [`  format 4.${nbformatMinor.before} → 4.${nbformatMinor.after}`] : []),
    ...printKeys('metadata', metadata, paint),
    ...printKeys('notebook', extra, paint),
  ];
  return [
    paint(summaryInWords(summary), 'note'),
    ...(notebook.length > 0 ? ['', paint('── notebook', 'heading'), ...notebook] : []),
    ...rows.flatMap((row) => (row.kind === 'same' ? [] : ['', ...printRow(row, paint, withResults, hasIds)])),
  ];
}

export function summaryInWords(summary: ComparisonSummary): string {
  const cells = (count: number) => (count === 1 ? '1 cell' : `${count} cells`);
  const parts = [
    summary.added > 0 ? `${cells(summary.added)} added` : '',
    summary.removed > 0 ? `${cells(summary.removed)} removed` : '',
    summary.changed > 0 ? `${cells(summary.changed)} changed` : '',
    summary.moved > 0 ? `${cells(summary.moved)} moved` : '',
    summary.outputsChanged > 0 ? `other outputs in ${cells(summary.outputsChanged)}` : '',
    summary.onlyCounted > 0 ? `${cells(summary.onlyCounted)} run again with the same outputs` : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(', ') : 'only the notebook’s own settings differ';
}

function printRow(row: ComparedRow, paint: Paint, withResults: boolean, hasIds: boolean): string[] {
  const { before, after, changes } = row;
  const shown = after ?? before;
  if (!shown) return [];
  const { cell, index } = shown;
  // A cell that is gone has its number in the earlier notebook only.
  const number = row.kind === 'removed' ? `was cell ${index + 1}` : `cell ${index + 1}`;
  const about = hasIds ? `${cell.type}, ${visible(cell.id)}` : cell.type;
  const heading = paint(`── ${number} (${about}) ${words(row)}`, 'heading');
  // What was moved is told by its first line, unless its text is shown below.
  const moved = row.kind === 'moved' && !changes?.source ? firstLine(cell.source) : [];
  if (changes) return [heading, ...moved, ...printChanges(changes, paint)];
  if (row.kind === 'moved') return [heading, ...moved];
  const isAdded = row.kind === 'added';
  const outputs = withResults && 'values' in cell.outputs ? cell.outputs.values : [];
  const side = (text: string) => (isAdded ? compareSources('', text) : compareSources(text, ''));
  return [
    heading,
    ...printText(side(cell.source), paint, false),
    ...outputs.flatMap((output, i) => printWhole(output, i, isAdded ? 'added' : 'removed', paint)),
  ];
}

const longestTitle = 76;

function firstLine(source: string): string[] {
  const lines = source.split('\n').filter((line) => line.trim() !== '');
  const line = visible(lines[0] ?? '');
  if (line === '') return [];
  return [
    lines.length > 1 || line.length > longestTitle ? `  ${line.slice(0, longestTitle)} …` : `  ${line}`,
  ];
}

function words({ kind, before, after, changes }: ComparedRow): string {
  const was = before && after && before.index !== after.index ? ` (was cell ${before.index + 1})` : '';
  if (kind === 'moved') return changes ? `moved and changed${was}` : `moved${was}`;
  const isOnlyResult = changes !== null && !isContent(changes);
  return (isOnlyResult ? 'ran again' : kind) + was;
}

function printChanges(changes: CellChanges, paint: Paint): string[] {
  const { type, id, source, executionCount, outputs } = changes;
  const count = (value: number | null) => (value === null ? 'none' : `${value}`);
  return [
    ...(type ? [`  type ${type.before} → ${type.after}`] : []),
    ...(id ? [`  id ${visible(id.before)} → ${visible(id.after)}`] : []),
    ...(source ? printText(source, paint, false) : []),
    ...printKeys('metadata', changes.metadata, paint),
    ...printKeys('attachment', changes.attachments, paint),
    ...printKeys('cell', changes.extra, paint),
    ...(executionCount
      ? [`  execution count ${count(executionCount.before)} → ${count(executionCount.after)}`]
      : []),
    ...(outputs === null ? [] : outputs === 'unknown' ? ['  outputs differ'] : printOutputs(outputs, paint)),
  ];
}

function printKeys(what: string, changes: readonly KeyChange[], paint: Paint): string[] {
  return changes.flatMap(({ path, before, after }) => [
    `  ${what} ${visible(path.join('.'))}:`,
    ...(before === undefined ? [] : [paint(`- ${short(before)}`, 'removed')]),
    ...(after === undefined ? [] : [paint(`+ ${short(after)}`, 'added')]),
  ]);
}

/** Longest JSON value (UTF-16 units) that is shown. */
const longestValue = 200;

function short(value: Json): string {
  const json = visible(JSON.stringify(value));
  return json.length <= longestValue ? json : `${json.slice(0, longestValue)}… (${json.length} characters)`;
}

function printOutputs(rows: readonly OutputRow[], paint: Paint): string[] {
  return rows.flatMap((row, i) => {
    if (row.kind === 'same') return [];
    if (row.kind !== 'changed' || !row.before || !row.after) {
      const [output, side] = row.kind === 'removed' ? [row.before, row.kind] : [row.after, 'added' as const];
      return output ? printWhole(output, i, side, paint) : [];
    }
    const { before, after, text } = row;
    return [
      `  output ${i + 1} (${nameOf(after)}) changed`,
      ...(text ? printText(text, paint, false) : []),
      ...row.mimes.flatMap((mime) => {
        const sizes = [sizeOf(before, mime.mime), sizeOf(after, mime.mime)].filter((size) => size !== '');
        const place = mime.change === 'changed' ? sizes.join(' → ') : `${sizes.join('')} ${mime.change}`;
        return mime.text
          ? [`  ${mime.mime}:`, ...printText(mime.text, paint, false)]
          : [`  ${mime.mime}: ${place}`];
      }),
      ...printKeys('output metadata', row.metadata, paint),
    ];
  });
}

/** Most lines of an added or removed output that are shown. */
const mostLines = 20;

function printWhole(output: LiveOutput, index: number, side: 'added' | 'removed', paint: Paint): string[] {
  const sign = side === 'added' ? '+' : '-';
  const text = plainText(output) ?? valueText(output, 'text/plain') ?? '';
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const more = lines.length > mostLines ? [`  … ${lines.length - mostLines} more lines`] : [];
  return [
    `  output ${index + 1} (${nameOf(output)}) ${side}`,
    ...lines.slice(0, mostLines).map((line) => paint(`${sign} ${visible(line)}`, side)),
    ...more,
  ];
}

function nameOf(output: LiveOutput): string {
  if (output.type === 'stream') return output.name;
  if (!('data' in output)) return output.type;
  const mimes = [...Object.keys(output.data), ...Object.keys(output.blobs ?? {})];
  return mimes.filter((mime) => mime !== 'text/plain').join(', ') || mimes.join(', ') || output.type;
}

/** Size of a value as a file would have it. */
function sizeOf(output: LiveOutput, mime: string): string {
  if (!('data' in output)) return '';
  const stored = output.blobs?.[mime]?.size;
  const value = output.data[mime];
  if (stored === undefined && value === undefined) return '';
  if (stored !== undefined) return `${stored} bytes`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isBase64 = mime.startsWith('image/') && mime !== 'image/svg+xml';
  const bytes = isBase64 ? Buffer.from(text, 'base64').length : Buffer.byteLength(text);
  return `${bytes} bytes`;
}
