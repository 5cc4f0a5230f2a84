/**
 * `cahier merge BASE OURS THEIRS`: what two sides made of the same notebook, as one notebook; also Git's merge driver.
 * The result is always a notebook that opens: where both changed the same text both versions are in the cell, without
 * marks, and the cells that a person should look at are named on standard error.
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mergeText } from '@cahier/core/documents/merge-text.ts';
import { textKind } from '@cahier/core/documents/text-kind.ts';
import {
  type CellOverlaps,
  isConflict,
  isOverlapping,
  mergeOverlaps,
  type Overlap,
} from '@cahier/core/history/compare/merge-overlaps.ts';
import { matchCells } from '@cahier/core/notebooks/match-cells.ts';
import { firstMinorWithIds } from '@cahier/core/notebooks/nbformat/write-notebook.ts';
import { notebookKind } from '@cahier/core/notebooks/notebook-kind.ts';
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import { type CommandIo, type Exit, exits, UsageError } from './command.ts';
import { emptyNotebook, type Input, inputOf, readInput } from './read-input.ts';

export const mergeUsage = `cahier merge [options] BASE OURS THEIRS
  Puts together what two sides made of BASE, and prints the result. Nothing that either side wrote is lost.
  -o, --output FILE  write the result to FILE
  --write-ours       write the result to OURS (what Git's merge drivers do)
  --path NAME        what the file is called, when the three files are only copies
  Exit code: 0 merged, 1 merged, but both sides changed the same place (named on standard error), 2 trouble.`;

export async function mergeCommand(argv: readonly string[], io: CommandIo): Promise<Exit> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      'write-ours': { type: 'boolean' },
      path: { type: 'string' },
    },
  });
  const [base, ours, theirs] = positionals;
  if (base === undefined || ours === undefined || theirs === undefined || positionals.length > 3) {
    throw new UsageError(mergeUsage);
  }
  const name = values.path ?? positionals.find((path) => path.toLowerCase().endsWith('.ipynb')) ?? ours;
  const sides = { base, ours, theirs } as const;
  const read = async (side: keyof typeof sides) => readInput(sides[side], io.cwd, name);
  const [was, mine, other] = await Promise.all([read('base'), read('ours'), read('theirs')]);
  const merged = mergeInputs(name, was, mine, other);
  for (const line of merged.said) io.err(`${line}\n`);
  if (merged.bytes === null) return exits.trouble;
  const target = values['write-ours'] === true ? ours : values.output;
  if (target === undefined) io.out(new TextDecoder('utf-8', { ignoreBOM: true }).decode(merged.bytes));
  else await writeFile(resolve(io.cwd, target), merged.bytes);
  return merged.isConflict ? exits.differ : exits.ok;
}

interface Merged {
  /** null: nothing could be merged. */
  readonly bytes: Uint8Array | null;
  readonly isConflict: boolean;
  /** For people. */
  readonly said: readonly string[];
}

export function mergeInputs(name: string, base: Input, ours: Input, theirs: Input): Merged {
  for (const [input, side] of [
    [base, 'common version'],
    [ours, 'our version'],
    [theirs, 'their version'],
  ] as const) {
    const why = input.kind === 'binary' ? `The ${side} of “${name}” is neither a notebook nor text.` : '';
    const reason = input.kind === 'text' && input.why ? `${side}: ${input.why}` : why;
    if (reason !== '')
      return {
        bytes: null,
        isConflict: true,
        said: [`${reason} Nothing was merged; ours was left as it is.`],
      };
  }
  const like = [ours, theirs, base].find((input) => input.kind === 'notebook');
  if (like?.kind !== 'notebook') return mergeTexts(name, base, ours, theirs);
  const asNotebook = (input: Input) =>
    input.kind === 'notebook' ? input.notebook : emptyNotebook(like.notebook);
  return mergeThree(name, asNotebook(base), asNotebook(ours), asNotebook(theirs));
}

function mergeThree(name: string, base: PlainNotebook, mine: PlainNotebook, theirs: PlainNotebook): Merged {
  const ours = withIdsOf(theirs, mine);
  const merged = notebookKind.merge(base, ours, theirs);
  const bytes = notebookKind.toFile(merged);
  if (inputOf(bytes, 'merged.ipynb').kind !== 'notebook') {
    const why = `The two versions of “${name}” do not go together in one notebook (their formats differ too much).`;
    return { bytes: null, isConflict: true, said: [`${why} Nothing was merged; ours was left as it is.`] };
  }
  const overlaps = mergeOverlaps(base, ours, theirs, merged);
  const hasOwnIds = merged.nbformatMinor >= firstMinorWithIds;
  const cells = overlaps.map((cell) => {
    const about = hasOwnIds ? `${cell.id}` : titleOf(merged.cells[cell.index ?? -1]?.source ?? '');
    return `${name}: ${inWords(cell, about)}`;
  });
  const isForPerson = isConflict(overlaps);
  const end = isForPerson
    ? [`${name}: merged with both versions; look at the cells above, then mark it as resolved.`]
    : [];
  return { bytes, isConflict: isForPerson, said: [...cells, ...end] };
}

/** When only they raised the format to one with cell ids, the file gets their ids, not ours that were made up. */
function withIdsOf(theirs: PlainNotebook, ours: PlainNotebook): PlainNotebook {
  if (ours.nbformatMinor >= firstMinorWithIds || theirs.nbformatMinor < firstMinorWithIds) return ours;
  const ids = new Map(matchCells(ours.cells, theirs.cells).map(({ a, b }) => [a, theirs.cells[b]?.id]));
  return { ...ours, cells: ours.cells.map((cell, i) => ({ ...cell, id: ids.get(i) ?? cell.id })) };
}

function mergeTexts(name: string, base: Input, ours: Input, theirs: Input): Merged {
  const [was, mine, other] = [base, ours, theirs].map((input) => (input.kind === 'text' ? input.text : ''));
  const texts = [was ?? '', mine ?? '', other ?? ''] as const;
  const isBoth = isOverlapping(...texts);
  const said = isBoth
    ? [`${name}: both sides changed the same lines; both versions were kept, ours first.`]
    : [];
  return { bytes: textKind.toFile(mergeText(...texts)), isConflict: isBoth, said };
}

const longestTitle = 50;

/** Where cells have no ids of their own they are told by their first line. */
function titleOf(source: string): string {
  const line = source.split('\n').find((each) => each.trim() !== '') ?? 'empty';
  return line.length > longestTitle ? `${line.slice(0, longestTitle)}…` : line;
}

function inWords({ index, overlaps }: CellOverlaps, about: string): string {
  const where = index === null ? 'the notebook itself' : `cell ${index + 1} (${about})`;
  return `${where}: ${[...new Set(overlaps.map(overlapInWords))].join('; ')}`;
}

function overlapInWords(overlap: Overlap): string {
  switch (overlap.what) {
    case 'text':
      return 'both sides changed the same text; both versions are in the cell, ours first';
    case 'type':
      return 'both sides changed the type of the cell; ours was kept';
    case 'deleted':
      return overlap.editedBy === 'ours'
        ? 'they deleted the cell and we edited it; it was kept'
        : 'we deleted the cell and they edited it; it was kept';
    case 'outputs':
      return 'both sides ran the cell; their outputs were kept, run it again to be sure';
    case 'metadata':
    case 'attachments':
    case 'extra':
      return `both sides changed ${overlap.path.join('.')} (${overlap.what === 'extra' ? 'a field' : overlap.what}); ours was kept`;
  }
}
