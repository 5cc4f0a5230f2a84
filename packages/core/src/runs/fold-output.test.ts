import { asBlobHash, asCellId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyLiveOps } from './apply-live-op.ts';
import { diffLive } from './diff-live.ts';
import { foldOutput } from './fold-output.ts';
import { type LiveNotebook, emptyLiveCell, emptyLiveNotebook } from './live.ts';
import { countLines, pageCut, pageLimit, tailKept, tailLimit } from './page-cut.ts';
import { sourceHash } from './source-hash.ts';
import { fromNbOutput, toNbOutput } from './to-nb-output.ts';

const a = asCellId('a');
const b = asCellId('b');
const start: LiveNotebook = { ...emptyLiveNotebook, cells: { [a]: emptyLiveCell, [b]: emptyLiveCell } };

interface Message {
  readonly type: string;
  readonly content: JsonObject;
}
const stream = (text: string, name = 'stdout'): Message => ({ type: 'stream', content: { name, text } });
const clear = (wait: boolean): Message => ({ type: 'clear_output', content: { wait } });
const display = (text: string, displayId?: string, type = 'display_data'): Message => ({
  type,
  content: {
    data: { 'text/plain': text },
    metadata: {},
    ...(displayId === undefined ? {} : { transient: { display_id: displayId } }),
  },
});

function fold(state: LiveNotebook, cell: typeof a, ...messages: Message[]): LiveNotebook {
  return messages.reduce((now, message) => applyLiveOps(now, foldOutput(now, cell, message)), state);
}
const outputsOf = (...messages: Message[]) => fold(start, a, ...messages).cells[a]?.outputs;

describe("folding a kernel's messages", () => {
  it('joins adjacent streams of one name', () => {
    expect(outputsOf(stream('a'), stream('b'), stream('c', 'stderr'), stream('d'))).toEqual([
      { type: 'stream', name: 'stdout', text: 'ab' },
      { type: 'stream', name: 'stderr', text: 'c' },
      { type: 'stream', name: 'stdout', text: 'd' },
    ]);
  });

  it('goes on overwriting where the last chunk ended', () => {
    expect(outputsOf(stream('abc\r'))).toEqual([{ type: 'stream', name: 'stdout', text: 'abc', back: 3 }]);
    expect(outputsOf(stream('abc\r'), stream('X'))).toEqual([
      { type: 'stream', name: 'stdout', text: 'Xbc', back: 2 },
    ]);
    expect(outputsOf(stream('abc\r'), stream('XYZ!'))).toEqual([
      { type: 'stream', name: 'stdout', text: 'XYZ!' },
    ]);
  });

  it('clears at once, or at the next output', () => {
    expect(outputsOf(stream('a'), clear(false))).toEqual([]);
    const waiting = fold(start, a, stream('a'), clear(true), clear(true));
    expect(waiting.cells[a]).toMatchObject({ isClearPending: true, outputs: [{ text: 'a' }] });
    const next = fold(waiting, a, stream('b'));
    expect(next.cells[a]?.outputs).toEqual([{ type: 'stream', name: 'stdout', text: 'b' }]);
    expect(next.cells[a]).not.toHaveProperty('isClearPending');
    expect(fold(waiting, a, clear(false)).cells[a]).toEqual(emptyLiveCell);
  });

  it('updates every display with the id, in any cell, and never keeps `transient`', () => {
    const both = fold(
      fold(start, a, display('1', 'd'), display('2', 'd')),
      b,
      display('3', 'd'),
      display('4', 'e'),
    );
    const updated = fold(both, b, display('new', 'd', 'update_display_data'));
    const shown = { type: 'display_data', data: { 'text/plain': 'new' }, metadata: {}, displayId: 'd' };
    expect(updated.cells[a]?.outputs).toEqual([shown, shown]);
    expect(updated.cells[b]?.outputs).toEqual([
      shown,
      { ...shown, data: { 'text/plain': '4' }, displayId: 'e' },
    ]);
    expect(fold(both, b, display('x', 'none', 'update_display_data')).cells).toBe(both.cells);
    expect(fold(both, b, display('x', undefined, 'update_display_data')).cells).toBe(both.cells);
  });

  it('keeps colours of errors, counts of results, and joins lists of strings', () => {
    expect(
      outputsOf(
        { type: 'error', content: { ename: 'E', evalue: ['a', 'b'], traceback: ['\x1b[31mE\x1b[0m'] } },
        {
          type: 'execute_result',
          content: {
            data: { 'text/html': ['<b>', '</b>'], 'application/json': ['a'] },
            metadata: {},
            execution_count: 3,
          },
        },
      ),
    ).toEqual([
      { type: 'error', ename: 'E', evalue: 'ab', traceback: ['\x1b[31mE\x1b[0m'] },
      {
        type: 'execute_result',
        data: { 'text/html': '<b></b>', 'application/json': ['a'] },
        metadata: {},
        executionCount: 3,
      },
    ]);
  });

  it('keeps what it does not know', () => {
    expect(outputsOf({ type: 'display_data', content: { data: 7, transient: { x: 1 } } })).toEqual([
      { type: 'unknown', raw: { output_type: 'display_data', data: 7 } },
    ]);
  });

  it('never throws, whatever a kernel sends (property)', () => {
    const type = fc.constantFrom(
      'stream',
      'display_data',
      'execute_result',
      'update_display_data',
      'clear_output',
      'error',
      'odd',
    );
    const keys = fc.constantFrom(
      'name',
      'text',
      'data',
      'metadata',
      'transient',
      'wait',
      'ename',
      'evalue',
      'traceback',
      'execution_count',
    );
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constant({ display_id: 'd' }),
      fc.constant({ 'text/plain': ['a', 1] }),
    );
    const message = fc.record({ type, content: fc.dictionary(keys, value) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        const state = messages.reduce(
          (now, { type: kind, content }) =>
            applyLiveOps(
              now,
              foldOutput(now, a, { type: kind, content: JSON.parse(JSON.stringify(content)) }),
            ),
          start,
        );
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
      { numRuns: 1_000 },
    );
  });

  it('does nothing for a cell that is not there', () => {
    expect(foldOutput(start, asCellId('gone'), stream('x'))).toEqual([]);
    expect(foldOutput(start, asCellId('__proto__'), stream('x'))).toEqual([]);
  });
});

describe('live operations', () => {
  const someMessages = fc.array(
    fc.tuple(
      fc.constantFrom(a, b),
      fc.oneof(
        fc.constantFrom('x', 'line\n', '\r', '1%', '\b').map((text) => stream(text)),
        fc.constant(stream('e', 'stderr')),
        fc.boolean().map(clear),
        fc.constantFrom('display_data', 'update_display_data').map((type) => display('v', 'd', type)),
      ),
    ),
    { maxLength: 30 },
  );

  it("bring a client to the server's state from any earlier one (property)", () => {
    fc.assert(
      fc.property(someMessages, fc.array(fc.nat(30)), (messages, sends) => {
        let server = start;
        let sent = start;
        let client = start;
        const send = () => {
          const ops = diffLive(sent, server);
          client = applyLiveOps(client, ops);
          sent = { ...server, version: sent.version + ops.length };
          expect(client).toEqual(sent);
        };
        messages.forEach(([cell, message], i) => {
          server = fold(server, cell, message);
          if (i % 7 === 3) {
            const output = server.cells[cell]?.outputs.at(-1);
            const index = (server.cells[cell]?.outputs.length ?? 0) - 1;
            const page = { blob: asBlobHash(String(i)), size: 1, lines: 1 };
            const drop = output?.type === 'stream' ? output.text.lastIndexOf('\n') + 1 : 0;
            if (drop > 0) server = applyLiveOps(server, [{ op: 'stream.page', cell, index, page, drop }]);
          }
          if (sends.includes(i)) send();
        });
        send();
        expect(client.cells).toEqual(server.cells);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leave alone what they do not touch', () => {
    const next = fold(start, a, stream('x'));
    expect(next.cells[b]).toBe(start.cells[b]);
    expect(next.kernel).toBe(start.kernel);
  });

  it('count even when they have no place', () => {
    const gone = asCellId('gone');
    const output = { type: 'stream', name: 'stdout', text: '' } as const;
    const next = applyLiveOps(start, [
      { op: 'output.add', cell: gone, output },
      { op: 'output.set', cell: a, index: 3, output },
      { op: 'stream', cell: a, index: 0, keep: 0, text: 'x' },
      { op: 'cell.drop', cell: gone },
    ]);
    expect(next.version).toBe(4);
    expect(next.cells).toBe(start.cells);
  });

  it('send only what changed of a long stream', () => {
    const before = fold(start, a, stream('line\n'.repeat(5_000)));
    const ops = diffLive(before, fold(before, a, stream('more')));
    expect(ops).toEqual([{ op: 'stream', cell: a, index: 0, keep: 25_000, text: 'more' }]);
    const overwritten = diffLive(fold(before, a, stream('10%\r')), fold(before, a, stream('10%\r20%')));
    expect(overwritten).toEqual([{ op: 'stream', cell: a, index: 0, keep: 25_000, text: '20%' }]);
  });
});

describe('pages', () => {
  it('take whole lines and leave what is on the screen', () => {
    const text = `${'x'.repeat(99)}\n`.repeat(1_000);
    expect(pageCut(text.slice(0, tailLimit))).toBe(0);
    const cut = pageCut(text);
    expect(text[cut - 1]).toBe('\n');
    expect(text.length - cut).toBeGreaterThanOrEqual(tailKept);
    expect(countLines(text.slice(0, cut))).toBe(cut / 100);
  });

  it('cut a line only when it alone is longer than a page, and between characters', () => {
    expect(pageCut('x'.repeat(tailLimit + 1))).toBe(0);
    const long = `x${'😀'.repeat(pageLimit)}`;
    expect(pageCut(long)).toBe(pageLimit - 1);
  });

  it('give the text back in order', () => {
    const text = Array.from({ length: 200_000 }, (_, i) => `${i}\n`).join('');
    const pages: string[] = [];
    let rest = text;
    for (let cut = pageCut(rest); cut > 0; cut = pageCut(rest)) {
      pages.push(rest.slice(0, cut));
      rest = rest.slice(cut);
    }
    expect(pages.join('') + rest === text).toBe(true);
    expect(rest.length).toBeLessThanOrEqual(tailLimit);
  });
});

describe('outputs of files', () => {
  it('come back as they were, with pages and blobs read', () => {
    const page = { blob: asBlobHash('p'), size: 2, lines: 1 };
    const kept = { text: () => 'a\n', value: () => ({ x: 1 }) };
    expect(toNbOutput({ type: 'stream', name: 'stderr', text: 'b', pages: [page], back: 1 }, kept)).toEqual({
      type: 'stream',
      name: 'stderr',
      text: 'a\nb',
    });
    const blobs = { 'application/json': { blob: asBlobHash('j'), size: 7 } };
    expect(
      toNbOutput(
        { type: 'display_data', data: { 'text/plain': 't' }, blobs, metadata: {}, displayId: 'd' },
        kept,
      ),
    ).toEqual({
      type: 'display_data',
      data: { 'text/plain': 't', 'application/json': { x: 1 } },
      metadata: {},
    });
    const error = { type: 'error', ename: 'E', evalue: '', traceback: [] } as const;
    expect(toNbOutput(fromNbOutput(error), kept)).toEqual(error);
  });
});

describe('the hash of a source', () => {
  it('tells sources apart and is the same everywhere', () => {
    expect(sourceHash('')).toBe(sourceHash(''));
    const hashes = new Set(Array.from({ length: 20_000 }, (_, i) => sourceHash(`x = ${i}`)));
    expect(hashes.size).toBe(20_000);
    expect(sourceHash('ab')).not.toBe(sourceHash('ba'));
    expect(sourceHash('print(1)')).toMatch(/^[0-9a-z]{1,11}$/);
  });
});
