import { createHash } from 'node:crypto';
import { asCellId } from '@cahier/base/ids.ts';
import { notebookKind } from '@cahier/core/notebooks/notebook-kind.ts';
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import { expect, it } from 'vitest';
import { writeNotebook } from './write-notebook.ts';

function printed(lines: number): PlainNotebook {
  const text = Array.from({ length: lines }, (_, i) => `line ${i} é\n`).join('');
  return {
    nbformatMinor: 5,
    metadata: { odd: { $number: '1.0' } },
    cells: [
      {
        type: 'code',
        id: asCellId('a'),
        source: 'x',
        metadata: {},
        executionCount: 1,
        outputs: [{ type: 'stream', name: 'stdout', text }],
      },
    ],
  };
}

it.each([10, 200_000])(
  'writes a notebook of %d printed lines as its kind does, in place or in a thread',
  async (lines) => {
    const notebook = printed(lines);
    const { bytes, hash } = await writeNotebook(notebook);
    expect(Buffer.compare(bytes, notebookKind.toFile(notebook))).toBe(0);
    expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'));
  },
);

it('leaves the event loop to others while a large one is written', { timeout: 60_000 }, async () => {
  const notebook = printed(300_000);
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await writeNotebook(notebook);
  isOver = true;
  expect(turns).toBeGreaterThan(10);
});
