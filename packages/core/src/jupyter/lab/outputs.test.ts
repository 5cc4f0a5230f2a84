/** Results of runs in JupyterLab documents: what the server writes, and what clients do to it. */
import { asBlobHash, asCellId, asKernelId, asPersonId, asRunId } from '@cahier/base/ids.ts';
import type { Json } from '@cahier/base/json.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import type { LiveOp, LiveOutput, RunState } from '../../runs/live.ts';
import { LabBench } from './lab-bench.sim.ts';
import { LabView } from './lab-view.sim.ts';
import { objectOf } from '../../notebooks/source-layout.ts';

const c0 = asCellId('c0');
const state = (run: RunState, count: number | null = null): LiveOp => ({
  op: 'cell',
  cell: c0,
  run: { state: run, executionCount: count, run: asRunId('r') },
});
const clear: LiveOp = { op: 'outputs', cell: c0, outputs: [] };
const add = (output: LiveOutput): LiveOp => ({ op: 'output.add', cell: c0, output });
const stream = (text: string, name: 'stdout' | 'stderr' = 'stdout'): LiveOutput => ({
  type: 'stream',
  name,
  text,
});
const picture = (text: string): LiveOutput => ({
  type: 'display_data',
  data: { 'text/plain': text },
  metadata: {},
});
const append = (index: number, keep: number, text: string): LiveOp => ({
  op: 'stream',
  cell: c0,
  index,
  keep,
  text,
});
const asking = (prompt: string): LiveOp => ({
  op: 'cell',
  cell: c0,
  run: {
    state: 'running',
    executionCount: null,
    run: asRunId('r'),
    by: { id: asPersonId('ada'), name: 'Ada' },
    input: { run: asRunId('r'), prompt, isPassword: false },
  },
});
const shown = (name: string, text: string): Json => ({ output_type: 'stream', name, text });
const drawn = (text: string): Json => ({
  output_type: 'display_data',
  data: { 'text/plain': text },
  metadata: {},
});

/** What one message does to the outputs of the first cell, as JupyterLab's rules see it. */
interface Touch {
  readonly removed: number;
  readonly added: number;
  /** Outputs whose text changed, counted from the end (1: the last). */
  readonly texts: readonly number[];
}

function touches(bench: LabBench): Touch[] {
  const lab = bench.join();
  const seen: Touch[] = [];
  lab.notebook.ydoc.getArray('cells').observeDeep((events) => {
    let touch: Touch = { removed: 0, added: 0, texts: [] };
    for (const event of events) {
      if (event instanceof Y.YArrayEvent && event.path.at(-1) === 'outputs') {
        touch = { ...touch, removed: event.changes.deleted.size, added: event.changes.added.size };
      } else if (event.path.includes('outputs') && event.path.at(-1) === 'text') {
        const index = Number(event.path.at(-2));
        const outputs: unknown = lab.notebook.ydoc.getArray<Y.Map<unknown>>('cells').get(0).get('outputs');
        const length = outputs instanceof Y.Array ? outputs.length : 0;
        touch = { ...touch, texts: [...touch.texts, length - touch.added - index] };
      }
    }
    if (touch.removed + touch.added + touch.texts.length > 0) seen.push(touch);
  });
  return seen;
}

describe('results in JupyterLab documents', () => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Rows of the table of what JupyterLab shows right: the outputs must be there, by legal steps only. */
  const rows: Readonly<
    Record<string, { readonly steps: readonly (readonly LiveOp[])[]; readonly end: Json }>
  > = {
    'a stream that grows': {
      steps: [[state('running'), clear], [add(stream('a\n'))], [append(0, 2, 'b\n')], [state('done', 1)]],
      end: [shown('stdout', 'a\nb\n')],
    },
    'stdout, stderr and stdout again': {
      steps: [[add(stream('a'))], [add(stream('e', 'stderr'))], [add(stream('b'))], [append(2, 1, 'c')]],
      end: [shown('stdout', 'a'), shown('stderr', 'e'), shown('stdout', 'bc')],
    },
    'all in one go': {
      steps: [
        [state('running'), clear, add(stream('a')), append(0, 1, 'b'), add(picture('p')), state('done', 2)],
      ],
      end: [shown('stdout', 'ab'), drawn('p')],
    },
    'a progress bar': {
      steps: [[add(stream('10%'))], [append(0, 0, '20% 📊')], [append(0, 4, '📈')], [append(0, 0, 'done\n')]],
      end: [shown('stdout', 'done\n')],
    },
    'text appended to a stream that is not the last': {
      steps: [[add(stream('a')), add(stream('e', 'stderr'))], [append(0, 1, 'b')]],
      end: [shown('stdout', 'ab'), shown('stderr', 'e')],
    },
    'a display updated in the middle': {
      steps: [
        [add(picture('1')), add(stream('s')), add(picture('3'))],
        [{ op: 'output.set', cell: c0, index: 0, output: picture('one') }],
      ],
      end: [drawn('one'), shown('stdout', 's'), drawn('3')],
    },
    'a second run': {
      steps: [[add(stream('old'))], [state('running'), clear], [add(stream('new'))], [state('done', 2)]],
      end: [shown('stdout', 'new')],
    },
    'clear_output, then more': {
      steps: [
        [state('running'), clear],
        [add(stream('gone\n'))],
        [clear],
        [add(stream('stays\n'))],
        [state('done', 2)],
      ],
      end: [shown('stdout', 'stays\n')],
    },
    'a stream that others follow is replaced, after something that stays': {
      steps: [
        [add(picture('p')), add(stream('e', 'stderr')), add(stream('s'))],
        [{ op: 'outputs', cell: c0, outputs: [picture('p'), stream('other')] }],
        [add(stream('more', 'stderr'))],
      ],
      end: [drawn('p'), shown('stdout', 'other'), shown('stderr', 'more')],
    },
    'a stream after what a removed one of its name had followed': {
      steps: [
        [add(picture('p')), add(stream('s'))],
        [{ op: 'outputs', cell: c0, outputs: [picture('p')] }],
        [add(stream('again'))],
      ],
      end: [drawn('p'), shown('stdout', 'again')],
    },
    'two streams of one name in a row, as files have them': {
      steps: [
        [add(picture('p')), add(stream('a')), add(stream('b'))],
        [{ op: 'output.set', cell: c0, index: 0, output: picture('q') }],
        [append(2, 1, 'c')],
      ],
      end: [drawn('q'), shown('stdout', 'abc')],
    },
    'replaced by the same kind at once (clear_output with wait)': {
      steps: [
        [add(stream('old')), add(picture('x'))],
        [{ op: 'outputs', cell: c0, outputs: [stream('new')] }],
      ],
      end: [shown('stdout', 'new')],
    },
  };

  for (const [name, { steps, end }] of Object.entries(rows)) {
    it(name, () => {
      const bench = LabBench.of(['print()']);
      const seen = touches(bench);
      bench.join();
      bench.run(state('idle'));
      for (const ops of steps) {
        bench.run(...ops);
        bench.settle();
      }
      for (const outputs of bench.outputs(0)) expect(outputs).toEqual(end);
      for (const touch of seen) {
        expect(touch.removed > 0 && touch.added > 0).toBe(false);
        expect(touch.texts.every((fromEnd) => fromEnd === 1)).toBe(true);
        expect(touch.removed > 0 && touch.texts.length > 0).toBe(false);
      }
    });
  }

  /** The live document's operations come in batches, cut anywhere; what JupyterLab writes back is on its way meanwhile. */
  const cuts: Readonly<Record<string, (i: number) => boolean>> = {
    'one by one': () => true,
    'all at once': () => false,
    'in pairs': (i) => i % 2 === 1,
    'in other pairs': (i) => i % 2 === 0,
    'in threes': (i) => i % 3 === 2,
  };
  for (const [name, { steps, end }] of Object.entries(rows)) {
    it.each(Object.entries(cuts))(`two JupyterLabs show it: ${name}, %s`, (_, isCut) => {
      for (const pace of [0, 1, 2, 3]) {
        const bench = LabBench.of(['print()'], { seed: 10 + pace });
        const labs = [bench.join(), bench.join()];
        bench.run(state('done', 1), add(stream('of the run before')), add(stream('it', 'stderr')));
        bench.settle();
        const views = labs.map((lab) => new LabView(lab.notebook.getCell(0)));
        const ops = [
          [state('queued', 1)],
          [state('running', 1), clear, state('running', 2)],
          ...steps,
          [state('done', 2)],
        ].flat();
        let batch: LiveOp[] = [];
        ops.forEach((op, i) => {
          batch.push(op);
          if (!isCut(i) && i < ops.length - 1) return;
          bench.run(...batch);
          batch = [];
          if (pace === 0) bench.settle();
          for (let n = 0; n < pace; n += 1)
            for (const lab of labs) {
              if (bench.random.chance(0.5)) lab.hear();
              else bench.take(lab);
            }
        });
        bench.settle();
        for (const outputs of bench.outputs(0)) expect(outputs).toEqual(end);
        for (const view of views) {
          expect(view.outputs).toEqual(end);
          expect(view.faults).toEqual([]);
        }
        expect(labs.flatMap(({ faults }) => faults)).toEqual([]);
      }
    });
  }

  it('a cell that runs has no count in JupyterLab, which would take it for the end and say so to everybody', () => {
    // who of two writers of one key wins depends on their ids
    for (let seed = 1; seed <= 12; seed += 1) {
      const bench = LabBench.of(['print()'], { seed });
      const labs = [bench.join(), bench.join()];
      bench.run(state('done', 1), add(stream('old')));
      bench.settle();
      const views = labs.map((lab) => new LabView(lab.notebook.getCell(0)));
      bench.run(state('running', 1), clear);
      bench.run(state('running', 2), add(stream('gone\n')));
      for (const lab of labs) while (lab.down.length > 0) lab.hear();
      // what the first one wrote back arrives, what the second one wrote is on its way
      const [first] = labs;
      if (first) while (first.up.length > 0) bench.take(first);
      bench.run(clear, add(stream('stays\n')));
      bench.settle();
      for (const view of views) {
        expect(view.outputs).toEqual([shown('stdout', 'stays\n')]);
        expect(view.prompts).toEqual(['[1]', '[*]']);
      }
      bench.run(state('done', 2));
      bench.settle();
      for (const view of views) expect(view.prompts.at(-1)).toBe('[2]');
    }
  });

  it('a key that a client writes at the same moment costs nobody the results', () => {
    const faults = new Set<string>();
    for (let seed = 1; seed <= 12; seed += 1) {
      const bench = LabBench.of(['print()'], { seed });
      const [writer, reader] = [bench.join(), bench.join()];
      bench.run(state('done', 1), add(stream('old')));
      bench.settle();
      const view = new LabView(reader.notebook.getCell(0));
      const cell = writer.notebook.getCell(0);
      if ('executionState' in cell) cell.executionState = 'running';
      bench.settle();
      if ('executionState' in cell) cell.executionState = 'idle';
      bench.run(state('done', 1), clear, add(stream('new')));
      bench.take(writer);
      // what a client wrote is passed on at once, what the server wrote when it is on disk
      const [told] = reader.down.splice(-1);
      if (told) reader.down.unshift(told);
      bench.settle();
      bench.run(state('done', 2));
      bench.settle();
      expect(view.outputs).toEqual([shown('stdout', 'new')]);
      expect(view.prompts.at(-1)).toBe('[2]');
      for (const fault of reader.faults) faults.add(fault);
    }
    // the stumble itself is JupyterLab's: it only must not matter
    expect([...faults]).toEqual([expect.stringContaining('oldValue')]);
  });

  it('counts and states are set once, and shown by all', () => {
    const bench = LabBench.of(['1', '2']);
    const lab = bench.join();
    const keys: string[] = [];
    lab.notebook.ydoc.getArray('cells').observeDeep((events) => {
      for (const event of events) {
        if (event instanceof Y.YMapEvent && event.path.length === 1)
          keys.push(...[...event.keysChanged].map(String));
      }
    });
    bench.run(state('queued'), state('running'), { op: 'queue', queue: [c0] });
    bench.settle();
    expect(objectOf(lab.notebook.ydoc.getArray('cells').toJSON()[0])['execution_state']).toBe('running');
    bench.run(state('done', 7));
    bench.settle();
    expect(lab.notebook.getCell(0).toJSON()['execution_count']).toBe(7);
    expect(objectOf(lab.notebook.ydoc.getArray('cells').toJSON()[0])['execution_state']).toBe('idle');
    expect(keys).toEqual(['execution_state', 'execution_state', 'execution_count']);
  });

  it('keeps id, outputs, count and metadata when a cell is moved, on either side', () => {
    const bench = LabBench.of(['a', 'b', 'c']);
    const lab = bench.join();
    bench.join();
    bench.run(state('done', 3), add(stream('x')), add(picture('p')));
    bench.settle();
    lab.notebook.moveCell(0, 2);
    bench.settle();
    bench.run(append(0, 1, 'late'));
    bench.settle();
    bench.expectEqual();
    for (const outputs of bench.outputs(2)) expect(outputs).toEqual([shown('stdout', 'xlate'), drawn('p')]);
    expect(lab.notebook.getCell(2).toJSON()).toMatchObject({ id: 'c0', execution_count: 3 });
  });

  it('a person clears: told, unless the cell runs', () => {
    const bench = LabBench.of(['a']);
    const lab = bench.join();
    bench.run(state('running'), add(stream('x')));
    bench.settle();
    const cell = lab.notebook.getCell(0);
    const clearIt = () => ('clearOutputs' in cell ? cell.clearOutputs() : undefined);
    clearIt();
    bench.settle();
    expect(bench.cleared).toEqual([]);
    bench.run(append(0, 1, 'y'), state('done', 1));
    bench.settle();
    for (const outputs of bench.outputs(0)) expect(outputs).toEqual([shown('stdout', 'xy')]);
    clearIt();
    bench.settle();
    expect(bench.cleared).toEqual(['c0']);
  });

  it('what a JupyterLab does to outputs stays there, and the next run starts clean', () => {
    const bench = LabBench.of(['a']);
    const lab = bench.join();
    bench.join();
    bench.run(state('done', 1), add(stream('x')));
    bench.settle();
    const edits = bench.edits.length;
    const cell = lab.notebook.getCell(0);
    if ('setOutputs' in cell) cell.setOutputs([{ output_type: 'stream', name: 'stdout', text: 'xx' }]);
    bench.settle();
    expect(bench.edits.length).toBe(edits);
    expect(bench.cleared).toEqual([]);
    for (const outputs of bench.outputs(0)) expect(outputs).toEqual([shown('stdout', 'xx')]);
    bench.run(state('running'), clear);
    bench.settle();
    bench.run(add(stream('new')), state('done', 2));
    bench.settle();
    for (const outputs of bench.outputs(0)) expect(outputs).toEqual([shown('stdout', 'new')]);
  });

  it('a cell that a JupyterLab runs by itself is left to it until it ends', () => {
    const bench = LabBench.of(['a']);
    const lab = bench.join();
    bench.run(state('idle'));
    bench.projection.setForeign(c0, true);
    const cell = lab.notebook.getCell(0);
    if ('setOutputs' in cell) cell.setOutputs([{ output_type: 'stream', name: 'stdout', text: 'theirs' }]);
    bench.settle();
    bench.run(add(stream('ours')));
    bench.settle();
    for (const outputs of bench.outputs(0)) expect(outputs).toEqual([shown('stdout', 'theirs')]);
    bench.projection.setForeign(c0, false);
    bench.settle();
    for (const outputs of bench.outputs(0)) expect(outputs).toEqual([shown('stdout', 'ours')]);
  });

  it('what the code asks stands below what it has said, until it is answered', () => {
    const bench = LabBench.of(['input("Who <b>? ")']);
    const lab = bench.join();
    const view = new LabView(lab.notebook.getCell(0));
    bench.run(state('running'), add(stream('hello\n')));
    bench.run({ op: 'kernel', kernel: { status: 'busy', kernel: asKernelId('k') } }, asking('Who <b>? '));
    bench.settle();
    expect(view.outputs).toMatchObject([
      shown('stdout', 'hello\n'),
      {
        data: {
          'application/vnd.cahier.input+json': {
            prompt: 'Who <b>? ',
            password: false,
            run: 'r',
            by: 'ada',
            kernel: 'k',
          },
          'text/plain': expect.stringMatching(/^The code asks: Who <b>\?\n.*\/cell\/c0$/),
        },
      },
    ]);
    expect(JSON.stringify(view.outputs[1])).toContain('Who &lt;b>?');
    bench.run(state('running'), append(0, 6, 'Ada\n'), state('done', 1));
    bench.settle();
    for (const outputs of [...bench.outputs(0), view.outputs])
      expect(outputs).toEqual([shown('stdout', 'hello\nAda\n')]);
    expect(view.faults).toEqual([]);
  });

  it('a question is not among the results of a copy of the cell that asks', () => {
    const bench = LabBench.of(['input()']);
    const lab = bench.join();
    bench.run(state('running'), add(stream('hello\n')), asking(''));
    bench.settle();
    const { outputs = [] } = { ...lab.notebook.getCell(0).toJSON() };
    lab.notebook.insertCell(1, { id: 'p', cell_type: 'code', source: 'input()', outputs });
    bench.settle();
    expect(outputs).toHaveLength(2);
    expect(bench.brought).toEqual([
      { cell: 'p', outputs: [{ type: 'stream', name: 'stdout', text: 'hello\n' }], executionCount: null },
    ]);
  });

  it('tells of results that a pasted cell brings', () => {
    const bench = LabBench.of(['a']);
    const lab = bench.join();
    const outputs = [{ output_type: 'stream', name: 'stdout', text: 'x' } as const];
    lab.notebook.insertCell(1, { id: 'p', cell_type: 'code', source: 'pasted', outputs, execution_count: 4 });
    bench.settle();
    expect(bench.brought).toEqual([
      { cell: 'p', outputs: [{ type: 'stream', name: 'stdout', text: 'x' }], executionCount: 4 },
    ]);
  });

  it('waits for values that are kept elsewhere, in order; large ones are a link', async () => {
    let answer = (_bytes: Uint8Array): void => undefined;
    const blobs = () =>
      new Promise<Uint8Array>((resolve) => {
        answer = resolve;
      });
    const bench = LabBench.of(['a'], { parts: { blobs } });
    bench.join();
    const image: LiveOutput = {
      type: 'display_data',
      data: {},
      blobs: {
        'image/png': { blob: asBlobHash('small'), size: 4 },
        'video/mp4': { blob: asBlobHash('large'), size: 9e6 },
      },
      metadata: {},
    };
    bench.run(state('running'), add(stream('first')), add(image), add(stream('last')));
    bench.settle();
    for (const outputs of bench.outputs(0)) expect(outputs).toEqual([shown('stdout', 'first')]);
    bench.run(append(2, 4, ' line'), state('done', 1));
    answer(new Uint8Array([1, 2, 3, 255]));
    await bench.projection.fetched();
    bench.settle();
    for (const outputs of bench.outputs(0)) {
      expect(outputs).toMatchObject([
        shown('stdout', 'first'),
        { output_type: 'display_data', data: { 'image/png': 'AQID/w==' } },
        shown('stdout', 'last line'),
      ]);
      expect(JSON.stringify(outputs)).toContain('/blobs/large');
    }
  });

  it('shows the end of a stream that is too long, and where the rest is', async () => {
    const page = { blob: asBlobHash('p'), size: 300 * 1024, lines: 1 };
    const bench = LabBench.of(['a'], {
      parts: { blobs: async () => await Promise.resolve(new TextEncoder().encode('page\n')) },
    });
    bench.join();
    const long: LiveOutput = { type: 'stream', name: 'stdout', text: 'end', pages: [page, page] };
    const short: LiveOutput = { type: 'stream', name: 'stderr', text: 'end', pages: [{ ...page, size: 5 }] };
    bench.run(state('done', 1), { op: 'outputs', cell: c0, outputs: [long, short] });
    await bench.projection.fetched();
    bench.settle();
    for (const outputs of bench.outputs(0)) {
      expect(outputs).toMatchObject([
        { output_type: 'display_data' },
        shown('stdout', 'end'),
        shown('stderr', 'page\nend'),
      ]);
      expect(JSON.stringify(outputs)).toContain('/cell/c0');
    }
  });

  it('a stream whose lines go to pages while it grows stays whole', () => {
    const bench = LabBench.of(['a']);
    bench.join();
    bench.run(state('running'), add(stream('one\ntwo\n')));
    const page = { blob: asBlobHash('p'), size: 4, lines: 1 };
    bench.run({ op: 'stream.page', cell: c0, index: 0, page, drop: 4 }, append(0, 4, 'three\n'));
    bench.run(append(0, 4, '3\n'));
    bench.settle();
    for (const outputs of bench.outputs(0)) expect(outputs).toEqual([shown('stdout', 'one\ntwo\n3\n')]);
  });
});
