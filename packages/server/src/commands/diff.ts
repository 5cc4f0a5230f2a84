/** `cahier diff A B`: what differs between two notebooks (or two text files), for people or as JSON. */
import { parseArgs } from 'node:util';
import { type ComparableNotebook, comparableNotebook } from '@cahier/core/history/compare/comparable.ts';
import {
  type ComparedCell,
  compareNotebooks,
  type NotebookComparison,
} from '@cahier/core/history/compare/compare-notebooks.ts';
import { compareText, isSameText } from '@cahier/core/history/compare/compare-text.ts';
import { type CommandIo, type Exit, exits, isColoured, UsageError } from './command.ts';
import { page } from './pager.ts';
import { printNotebooks } from './print-notebooks.ts';
import { painter, printText } from './print-text.ts';
import { emptyNotebook, type Input, readInput } from './read-input.ts';

export const diffUsage = `cahier diff [options] A B
  Shows what differs between two notebooks, cell by cell. Other files are compared as text.
  A and B are files, or files as Git has them: HEAD:a.ipynb, main~3:a.ipynb.
  --no-outputs         leave outputs and execution counts out
  --json               print the comparison as JSON
  --color, --no-color  colours always, or never (otherwise: on a terminal)
  On a terminal long answers go through $PAGER (less); PAGER=cat prints them.
  Exit code: 0 no difference, 1 differences, 2 trouble.`;

export async function diffCommand(argv: readonly string[], io: CommandIo): Promise<Exit> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    allowNegative: true,
    options: { json: { type: 'boolean' }, outputs: { type: 'boolean' }, color: { type: 'boolean' } },
  });
  const [a, b] = positionals;
  if (a === undefined || b === undefined || positionals.length > 2) throw new UsageError(diffUsage);
  const color = values.color === undefined ? undefined : values.color ? 'always' : 'never';
  const shown = {
    isColoured: isColoured(color, io),
    isJson: values.json === true,
    withResults: values.outputs !== false,
  };
  const [before, after] = await Promise.all([readInput(a, io.cwd), readInput(b, io.cwd)]);
  const { lines, isSame } = diffInputs(before, after, { before: a, after: b }, shown, io);
  if (lines.length > 0) {
    const paint = painter(shown.isColoured);
    const heads = shown.isJson ? [] : [paint(`--- ${a}`, 'removed'), paint(`+++ ${b}`, 'added')];
    const text = `${[...heads, ...lines].join('\n')}\n`;
    if (shown.isJson) io.out(text);
    else await page(text, io);
  }
  return isSame ? exits.ok : exits.differ;
}

export interface Shown {
  readonly isColoured: boolean;
  readonly isJson: boolean;
  readonly withResults: boolean;
}

/** The lines to print; files that are called notebooks and are none are compared as text, and that is said. */
export function diffInputs(
  before: Input,
  after: Input,
  names: { readonly before: string; readonly after: string },
  shown: Shown,
  io: CommandIo,
): { readonly lines: readonly string[]; readonly isSame: boolean } {
  for (const input of [before, after]) {
    if (input.kind === 'text' && input.why) io.err(`${input.why} It is compared as text.\n`);
  }
  const paint = painter(shown.isColoured);
  const pair = notebooksOf(before, after);
  if (pair) {
    const comparison = compareNotebooks(pair.before, pair.after, { withoutResults: !shown.withResults });
    const lines = shown.isJson
      ? [notebooksAsJson(comparison)]
      : printNotebooks(comparison, paint, shown.withResults, pair.before.hasIds && pair.after.hasIds);
    return { lines, isSame: comparison.isSame };
  }
  const [a, b] = [textOf(before), textOf(after)];
  if (a === null || b === null) {
    const isSame = Buffer.from(before.bytes).equals(after.bytes);
    const said = `Binary files ${names.before} and ${names.after} differ`;
    const json = JSON.stringify({ kind: 'binary', isSame });
    return { lines: shown.isJson ? [json] : isSame ? [] : [said], isSame };
  }
  const comparison = compareText(a, b);
  const isSame = isSameText(comparison);
  if (shown.isJson)
    return { lines: [JSON.stringify({ kind: 'text', isSame, ...comparison }, null, 2)], isSame };
  return { lines: isSame ? [] : printText(comparison, paint, true), isSame };
}

function notebooksOf(
  before: Input,
  after: Input,
): { before: ComparableNotebook; after: ComparableNotebook } | null {
  const some = before.kind === 'notebook' ? before : after;
  if (some.kind !== 'notebook') return null;
  const asNotebook = (input: Input): ComparableNotebook | null => {
    if (input.kind === 'nothing') return comparableNotebook(emptyNotebook(some.notebook));
    if (input.kind !== 'notebook') return null;
    return { ...comparableNotebook(input.notebook), hasIds: input.hasIds };
  };
  const [a, b] = [asNotebook(before), asNotebook(after)];
  return a && b ? { before: a, after: b } : null;
}

function textOf(input: Input): string | null {
  if (input.kind === 'text') return input.text;
  if (input.kind === 'notebook') return new TextDecoder().decode(input.bytes);
  return input.kind === 'nothing' ? '' : null;
}

/** Cells are named by place and id; the text of those that came or went is there whole. */
function notebooksAsJson(comparison: NotebookComparison): string {
  const { rows, ...rest } = comparison;
  const cellOf = (compared: ComparedCell | null, isWhole: boolean) => {
    if (!compared) return null;
    const { id, type, source, metadata } = compared.cell;
    return { index: compared.index, id, type, ...(isWhole && { source, metadata }) };
  };
  const told = rows.map(({ kind, before, after, changes }) => {
    const isWhole = kind === 'added' || kind === 'removed';
    const outputs =
      changes && Array.isArray(changes.outputs)
        ? changes.outputs.map(({ before: _before, after: _after, ...row }) => row)
        : (changes?.outputs ?? null);
    return {
      kind,
      before: cellOf(before, isWhole),
      after: cellOf(after, isWhole),
      ...(changes && { changes: { ...changes, outputs } }),
    };
  });
  return JSON.stringify({ kind: 'notebook', ...rest, rows: told }, null, 2);
}
