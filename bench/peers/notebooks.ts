/** What both sides get, made here so that a clone needs nothing beside it: notebooks as files, and a text to type. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../e2e/support/server-process.ts';

/** Prose and code as people write them: one letter again and again would pack to nothing. */
export const prose = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

interface CellFile {
  readonly cell_type: 'code' | 'markdown';
  readonly source: string;
  readonly outputs?: readonly object[];
}

function notebook(cells: readonly CellFile[]): string {
  const whole = cells.map(({ cell_type, source, outputs = [] }, i) => ({
    cell_type,
    id: `c${i}`,
    metadata: {},
    source,
    ...(cell_type === 'code' ? { outputs, execution_count: null } : {}),
  }));
  const metadata = { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } };
  return JSON.stringify({ cells: whole, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1);
}

/** Cell 0 to type in, then what is run. */
export function workNotebook(...code: readonly string[]): string {
  return notebook(['', ...code].map((source) => ({ cell_type: 'code', source })));
}

export function longNotebook(cells: number): string {
  return notebook(
    Array.from({ length: cells }, (_, i) =>
      i % 5 === 0
        ? { cell_type: 'markdown', source: `## Part ${i}\n\nSome *text* about part ${i}.` }
        : {
            cell_type: 'code',
            source: Array.from(
              { length: 12 },
              (_line, n) => `value_${n} = compute(${i}, step=${n})  # line ${n}`,
            ).join('\n'),
          },
    ),
  );
}

export const bigCells = 160;
const pictures = 27;

/** 4 MB as a chapter of a textbook has them: short cells of prose and code, here and there a plot of 10 to 290 kB. */
export function bigNotebook(): string {
  const random = noise(1);
  return notebook(
    Array.from({ length: bigCells }, (_, i) => {
      const source = prose.slice(i * 40, i * 40 + 230);
      if (i % 2 === 0) return { cell_type: 'markdown', source };
      const picture_ = (i - 1) % 6 === 0 ? [plot(random, (i + 5) / 6)] : [];
      return { cell_type: 'code', source, outputs: picture_ };
    }),
  );
}

function plot(random: () => number, number: number): object {
  const bytes = Uint8Array.from(
    { length: Math.round((number * 3_000_000) / ((pictures * (pictures + 1)) / 2)) },
    random,
  );
  const data = {
    'image/png': `${Buffer.from(bytes).toString('base64')}\n`,
    'text/plain': '<Figure size 640x480>',
  };
  return { output_type: 'display_data', data, metadata: {} };
}

/** The same bytes each time (a linear congruential generator's high ones): a picture is noise to whoever stores it. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
}

export const sum = '1+1';
export const flood = 'for i in range(100_000): print(i)';
export const lastLine = '99999\n';
/** The same 50 kB each time: random bytes, as a picture is to whoever stores it. */
export const picture = [
  'import random',
  'from IPython.display import Image, display',
  'display(Image(data=random.Random(1).randbytes(50_000), format="png", embed=True))',
].join('\n');
