/** What a person expects of a merge of notebooks, case by case; the classes of cases are those of nbdime's tests. */
import { asCellId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { describe, expect, it } from 'vitest';
import { notebookKind } from '../../notebooks/notebook-kind.ts';
import type { NbOutput, PlainCell, PlainNotebook } from '../../notebooks/notebook.ts';
import { isConflict, mergeOverlaps } from './merge-overlaps.ts';

interface More {
  readonly metadata?: JsonObject;
  readonly out?: string;
  readonly n?: number;
  readonly attachments?: JsonObject;
  readonly type?: 'code' | 'markdown';
}

function cell(
  id: string,
  source: string,
  { metadata = {}, out, n, attachments, type = 'code' }: More = {},
): PlainCell {
  const common = { id: asCellId(id), source, metadata };
  if (type === 'markdown') return { ...common, type, ...(attachments && { attachments }) };
  const outputs: NbOutput[] = out === undefined ? [] : [{ type: 'stream', name: 'stdout', text: out }];
  return { ...common, type, outputs, executionCount: n ?? null };
}

interface Case {
  readonly name: string;
  readonly base: readonly PlainCell[];
  readonly ours: readonly PlainCell[];
  readonly theirs: readonly PlainCell[];
  /** `id|source|out|n` of each merged cell; trailing empty parts are left out. */
  readonly merged: readonly string[];
  /** `index: what` of each overlap. */
  readonly overlaps?: readonly string[];
  readonly isConflict?: boolean;
  readonly minors?: readonly [number, number, number, merged: number];
  readonly metadata?: readonly [JsonObject, JsonObject, JsonObject, merged: JsonObject];
}

const a = cell('a', 'import os');
const b = cell('b', 'x = 1\ny = 2\nz = 3\n');
const c = cell('c', 'print(x)');
const all = ['a|import os', 'b|x = 1\ny = 2\nz = 3\n', 'c|print(x)'];
const note = (source: string, more: More = {}) => cell('m', source, { ...more, type: 'markdown' });

const cases: readonly Case[] = [
  { name: 'nobody changed anything', base: [a, b, c], ours: [a, b, c], theirs: [a, b, c], merged: all },
  {
    name: 'both made the same change',
    base: [a],
    ours: [cell('a', 'import sys')],
    theirs: [cell('a', 'import sys')],
    merged: ['a|import sys'],
  },
  {
    name: 'each inserted a cell elsewhere',
    base: [a, b],
    ours: [cell('n', 'first'), a, b],
    theirs: [a, b, cell('o', 'last')],
    merged: ['n|first', 'a|import os', 'b|x = 1\ny = 2\nz = 3\n', 'o|last'],
  },
  {
    name: 'each inserted a cell at the same place: both are there, ours first',
    base: [a, c],
    ours: [a, cell('n', 'ours = 1'), c],
    theirs: [a, cell('o', 'theirs = 2'), c],
    merged: ['a|import os', 'n|ours = 1', 'o|theirs = 2', 'c|print(x)'],
  },
  {
    name: 'both inserted the same cell at the same place: it is there once',
    base: [a, c],
    ours: [a, cell('n', 'same = 1'), c],
    theirs: [a, cell('o', 'same = 1'), c],
    merged: ['a|import os', 'n|same = 1', 'c|print(x)'],
  },
  {
    name: 'both gave the same id to different new cells: one is renamed or they are one; no text is lost',
    base: [a],
    ours: [a, cell('n', 'ours = 1\n')],
    theirs: [a, cell('n', 'theirs = 2\n')],
    merged: ['a|import os', 'n|ours = 1\ntheirs = 2\n'],
    overlaps: ['1: text'],
    isConflict: true,
  },
  {
    name: 'the same cell at different lines',
    base: [b],
    ours: [cell('b', 'x = 10\ny = 2\nz = 3\n')],
    theirs: [cell('b', 'x = 1\ny = 2\nz = 30\n')],
    merged: ['b|x = 10\ny = 2\nz = 30\n'],
  },
  {
    name: 'the same line at different places',
    base: [cell('b', 'result = compute(alpha, beta)')],
    ours: [cell('b', 'outcome = compute(alpha, beta)')],
    theirs: [cell('b', 'result = compute(alpha, gamma)')],
    merged: ['b|outcome = compute(alpha, gamma)'],
  },
  {
    name: 'the same place of a line: both versions, ours first',
    base: [cell('b', 'x = 1\n')],
    ours: [cell('b', 'x = 2\n')],
    theirs: [cell('b', 'x = 3\n')],
    merged: ['b|x = 2\nx = 3\n'],
    overlaps: ['0: text'],
    isConflict: true,
  },
  {
    name: 'lines added at the same place: both, ours first',
    base: [cell('b', 'x = 1\n')],
    ours: [cell('b', 'x = 1\nprint("ours")\n')],
    theirs: [cell('b', 'x = 1\nassert "theirs"\n')],
    merged: ['b|x = 1\nprint("ours")\nassert "theirs"\n'],
    overlaps: ['0: text'],
    isConflict: true,
  },
  {
    name: 'one went further than the other with the same words',
    base: [cell('b', 'x = 1\n')],
    ours: [cell('b', 'x = 1\ny = 2\n')],
    theirs: [cell('b', 'x = 1\ny = 2\nz = 3\n')],
    merged: ['b|x = 1\ny = 2\nz = 3\n'],
  },
  {
    name: 'deleted here, untouched there',
    base: [a, b, c],
    ours: [a, c],
    theirs: [a, b, c],
    merged: ['a|import os', 'c|print(x)'],
  },
  {
    name: 'deleted by both',
    base: [a, b, c],
    ours: [a, c],
    theirs: [a, c],
    merged: ['a|import os', 'c|print(x)'],
  },
  {
    name: 'deleted here, edited there: the edit is kept and a person should look',
    base: [a, b, c],
    ours: [a, c],
    theirs: [a, cell('b', 'x = 1\ny = 2\nz = 4\n'), c],
    merged: ['a|import os', 'b|x = 1\ny = 2\nz = 4\n', 'c|print(x)'],
    overlaps: ['1: deleted'],
    isConflict: true,
  },
  {
    name: 'edited here, deleted there',
    base: [a, b],
    ours: [a, cell('b', 'x = 1\ny = 2\n')],
    theirs: [a],
    merged: ['a|import os', 'b|x = 1\ny = 2\n'],
    overlaps: ['1: deleted'],
    isConflict: true,
  },
  {
    name: 'deleted here, only run there: it is gone',
    base: [a, b],
    ours: [a],
    theirs: [a, { ...cell('b', b.source, { out: 'hi', n: 4 }) }],
    merged: ['a|import os'],
  },
  {
    name: 'moved here, edited there: the edit is at the new place',
    base: [a, b, c],
    ours: [c, a, b],
    theirs: [a, b, cell('c', 'print(x, y)')],
    merged: ['c|print(x, y)', 'a|import os', 'b|x = 1\ny = 2\nz = 3\n'],
  },
  {
    name: 'moved by them, edited by us',
    base: [a, b, c],
    ours: [a, b, cell('c', 'print(x, y)')],
    theirs: [c, a, b],
    merged: ['c|print(x, y)', 'a|import os', 'b|x = 1\ny = 2\nz = 3\n'],
  },
  {
    name: 'the text cleared here, a line added there: the line is kept',
    base: [b],
    ours: [cell('b', '')],
    theirs: [cell('b', 'x = 1\ny = 2\nz = 3\nw = 4\n')],
    merged: ['b|w = 4\n'],
  },
  {
    name: 'the text cleared here, one of its lines changed there: the change is kept and a person should look',
    base: [b],
    ours: [cell('b', '')],
    theirs: [cell('b', 'x = 1\ny = 2\nz = 30\n')],
    merged: ['b|x = 1\ny = 2\nz = 30\n'],
    overlaps: ['0: text'],
    isConflict: true,
  },
  {
    name: 'a line deleted here, the next one changed there',
    base: [b],
    ours: [cell('b', 'x = 1\nz = 3\n')],
    theirs: [cell('b', 'x = 1\ny = 2\nz = 30\n')],
    merged: ['b|x = 1\nz = 30\n'],
  },
  {
    name: 'the text cleared by both',
    base: [b],
    ours: [cell('b', '')],
    theirs: [cell('b', '')],
    merged: ['b'],
  },
  {
    name: 'the type changed here, the text there',
    base: [cell('m', 'hello')],
    ours: [note('hello')],
    theirs: [cell('m', 'hello world')],
    merged: ['m|hello world'],
  },
  {
    name: 'only they ran the cell',
    base: [cell('a', 'f()', { out: '1', n: 1 })],
    ours: [cell('a', 'f()', { out: '1', n: 1 })],
    theirs: [cell('a', 'f()', { out: '2', n: 5 })],
    merged: ['a|f()|2|5'],
  },
  {
    name: 'only we ran the cell',
    base: [cell('a', 'f()')],
    ours: [cell('a', 'f()', { out: '1', n: 1 })],
    theirs: [cell('a', 'f()')],
    merged: ['a|f()|1|1'],
  },
  {
    name: 'both ran the cell with other outputs: theirs, and nobody has to choose',
    base: [cell('a', 'f()', { out: '1', n: 1 })],
    ours: [cell('a', 'f()', { out: '2', n: 2 })],
    theirs: [cell('a', 'f()', { out: '3', n: 3 })],
    merged: ['a|f()|3|3'],
    overlaps: ['0: outputs'],
  },
  {
    name: 'only the execution counts differ: nobody is asked',
    base: [cell('a', 'f()', { out: '1', n: 1 })],
    ours: [cell('a', 'f()', { out: '1', n: 7 })],
    theirs: [cell('a', 'f()', { out: '1', n: 9 })],
    merged: ['a|f()|1|9'],
  },
  {
    name: 'outputs cleared here, the cell run there',
    base: [cell('a', 'f()', { out: '1', n: 1 })],
    ours: [cell('a', 'f()')],
    theirs: [cell('a', 'f()', { out: '2', n: 2 })],
    merged: ['a|f()|2|2'],
    overlaps: ['0: outputs'],
  },
  {
    name: 'cell metadata: other keys merge, tags are united',
    base: [cell('a', 'f()', { metadata: { tags: ['one'] } })],
    ours: [cell('a', 'f()', { metadata: { tags: ['one', 'ours'], slide: true } })],
    theirs: [cell('a', 'f()', { metadata: { tags: ['theirs', 'one'], name: 'x' } })],
    merged: ['a|f()||{"tags":["one","ours","theirs"],"slide":true,"name":"x"}'],
  },
  {
    name: 'cell metadata: the same key with other values: ours, and a person should look',
    base: [cell('a', 'f()', { metadata: { points: 1 } })],
    ours: [cell('a', 'f()', { metadata: { points: 2 } })],
    theirs: [cell('a', 'f()', { metadata: { points: 3 } })],
    merged: ['a|f()||{"points":2}'],
    overlaps: ['0: metadata points'],
    isConflict: true,
  },
  {
    name: 'cell metadata that programs write: nobody is asked',
    base: [cell('a', 'f()')],
    ours: [cell('a', 'f()', { metadata: { collapsed: true } })],
    theirs: [cell('a', 'f()', { metadata: { collapsed: false } })],
    merged: ['a|f()||{"collapsed":true}'],
  },
  {
    name: 'attachments: other names merge',
    base: [note('![](a.png)')],
    ours: [note('![](a.png)', { attachments: { 'a.png': { 'image/png': 'AA==' } } })],
    theirs: [note('![](a.png)', { attachments: { 'b.png': { 'image/png': 'BB==' } } })],
    merged: ['m|![](a.png)||{"a.png":{"image/png":"AA=="},"b.png":{"image/png":"BB=="}}'],
  },
  {
    name: 'attachments: another picture under the same name: ours, and a person should look',
    base: [note('![](a.png)', { attachments: { 'a.png': { 'image/png': 'AA==' } } })],
    ours: [note('![](a.png)', { attachments: { 'a.png': { 'image/png': 'BB==' } } })],
    theirs: [note('![](a.png)', { attachments: { 'a.png': { 'image/png': 'CC==' } } })],
    merged: ['m|![](a.png)||{"a.png":{"image/png":"BB=="}}'],
    overlaps: ['0: attachments a.png image/png'],
    isConflict: true,
  },
  {
    name: 'another kernel on either side: ours, and a person should look; its version: nobody is asked',
    base: [a],
    ours: [a],
    theirs: [a],
    merged: ['a|import os'],
    metadata: [
      { kernelspec: { name: 'python3' }, language_info: { version: '3.11' } },
      { kernelspec: { name: 'ir' }, language_info: { version: '3.12' } },
      { kernelspec: { name: 'julia' }, language_info: { version: '3.13' } },
      { kernelspec: { name: 'ir' }, language_info: { version: '3.12' } },
    ],
    overlaps: ['null: metadata kernelspec name'],
    isConflict: true,
  },
  {
    name: 'the minor version of the format raised on one side',
    base: [a],
    ours: [a],
    theirs: [cell('a', 'import os, sys')],
    merged: ['a|import os, sys'],
    minors: [4, 4, 5, 5],
  },
  {
    name: 'the minor version of the format raised on both sides: the newer one',
    base: [a],
    ours: [a],
    theirs: [a],
    merged: ['a|import os'],
    minors: [4, 5, 6, 6],
  },
  {
    name: 'ids missing (4.4): cells are found by their content',
    base: [cell('1', 'import os'), cell('2', b.source), cell('3', 'print(x)')],
    ours: [cell('4', 'import os'), cell('5', 'x = 10\ny = 2\nz = 3\n'), cell('6', 'print(x)')],
    theirs: [
      cell('7', 'import os'),
      cell('8', 'x = 1\ny = 2\nz = 30\n'),
      cell('9', 'new'),
      cell('0', 'print(x)'),
    ],
    merged: ['4|import os', '5|x = 10\ny = 2\nz = 30\n', '9|new', '6|print(x)'],
    minors: [4, 4, 4, 4],
  },
  {
    name: 'nothing in common: a file added by both',
    base: [],
    ours: [a],
    theirs: [cell('o', 'something else')],
    merged: ['a|import os', 'o|something else'],
  },
];

function shown(merged: PlainCell): string {
  const output = merged.type === 'code' ? merged.outputs[0] : undefined;
  const out = output?.type === 'stream' ? output.text : '';
  const count = merged.type === 'code' ? (merged.executionCount ?? '') : '';
  const objects = [merged.metadata, merged.type === 'code' ? {} : (merged.attachments ?? {})];
  const json = objects.flatMap((object) => (Object.keys(object).length > 0 ? [JSON.stringify(object)] : []));
  return [merged.id, merged.source, out, `${count}${json.join('')}`].join('|').replace(/\|+$/, '');
}

describe('merge of notebooks', () => {
  it.each(cases)(
    '$name',
    ({ base, ours, theirs, merged, overlaps = [], isConflict: conflict = false, minors, metadata }) => {
      const book = (cells: readonly PlainCell[], i: 0 | 1 | 2): PlainNotebook => ({
        nbformatMinor: minors?.[i] ?? 5,
        metadata: metadata?.[i] ?? {},
        cells,
      });
      const sides = [book(base, 0), book(ours, 1), book(theirs, 2)] as const;
      const result = notebookKind.merge(...sides);
      expect(result.cells.map(shown)).toEqual(merged);
      expect(result.nbformatMinor).toBe(minors?.[3] ?? 5);
      expect(result.metadata).toEqual(metadata?.[3] ?? {});
      const found = mergeOverlaps(...sides, result);
      const told = found.flatMap((each) =>
        each.overlaps.map((overlap) =>
          [`${each.index}: ${overlap.what}`, ...('path' in overlap ? overlap.path : [])].join(' '),
        ),
      );
      expect(told).toEqual(overlaps);
      expect(isConflict(found)).toBe(conflict);
      const file = notebookKind.fromFile(notebookKind.toFile(result), 'x.ipynb', () => 'fresh');
      expect(file.ok && notebookKind.equals(file.plain, result)).toBe(true);
    },
  );
});
