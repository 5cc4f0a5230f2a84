import {
  type BlobHash,
  type RunId,
  asBlobHash,
  asCellId,
  asPersonId,
  asProjectId,
} from '@cahier/base/ids.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import { emptyPast, type PastDocument } from '@cahier/core/history/step.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { FakeRunRoom } from '@cahier/testkit/fake-run-room.ts';
import {
  FakeRunner,
  type FakeRunnerOptions,
  type ScriptStep,
  pythonSpec,
  says,
} from '@cahier/testkit/fake-runner.ts';
import { MemoryBlobStore } from '@cahier/testkit/memory-blob-store.ts';
import { MemoryRecorder } from '@cahier/testkit/memory-recorder.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NotebookRuns } from './notebook-runs.ts';
import { ProjectRuns } from './project-runs.ts';

const project = asProjectId('p');
const ada: EntryAuthor = { person: asPersonId('ada'), name: 'Ada', session: null };
const bob: EntryAuthor = { person: asPersonId('bob'), name: 'Bob', session: null };
const id = asCellId;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const opened: ProjectRuns[] = [];

afterEach(() => {
  for (const project of opened.splice(0)) project.dispose();
});

const error = (ename: string): ScriptStep => ({
  say: [{ type: 'error', content: { ename, evalue: '', traceback: [`\x1b[31m${ename}\x1b[0m`] } }],
});

async function setUp(sources: Readonly<Record<string, string>>, options: FakeRunnerOptions = {}) {
  const clock = new FakeClock();
  const runner = new FakeRunner(options);
  const recorder = new MemoryRecorder();
  const blobs = new MemoryBlobStore();
  const room = new FakeRunRoom('nb', sources);
  let count = 0;
  const projectRuns = new ProjectRuns({
    project,
    runner,
    recorder,
    blobs,
    log: recorder.log,
    clock,
    newId: () => `id${++count}`,
    logger: quiet,
    openRoom: async () => {},
  });
  opened.push(projectRuns);
  runner.connect(projectRuns);
  await recorder.open(room.document);
  const runs = await projectRuns.openLive(room);
  return { clock, runner, recorder, blobs, room, projectRuns, runs };
}

const states = (runs: NotebookRuns) =>
  Object.fromEntries(Object.entries(runs.live.cells).map(([cell, { state }]) => [cell, state]));
const cell = (runs: NotebookRuns, name: string) => runs.live.cells[id(name)];
function runOf(runs: NotebookRuns, name: string): RunId {
  const run = cell(runs, name)?.run;
  if (run === undefined) throw new Error(`cell ${name} has no run`);
  return run;
}
const idle = (runs: NotebookRuns) => vi.waitFor(() => expect(runs.isBusy).toBe(false));

describe('runs of a notebook', () => {
  it('starts a kernel at the first run, without a question, and writes the kernelspec once', async () => {
    const { runs, room, runner } = await setUp({ a: '1+1' }, { script: () => [says('2')] });
    await runs.queue([id('a')], ada);
    await idle(runs);
    expect(runs.live.kernel).toMatchObject({ status: 'idle', name: 'python3', language: 'python' });
    expect(cell(runs, 'a')).toMatchObject({
      state: 'done',
      by: { id: 'ada', name: 'Ada' },
      executionCount: 1,
      outputs: [{ type: 'stream', name: 'stdout', text: '2' }],
    });
    expect(room.kernelsSet).toEqual([
      {
        spec: { name: 'python3', display_name: 'Python 3', language: 'python' },
        info: { name: 'python', file_extension: '.py' },
        by: 'Ada',
      },
    ]);
    expect(runner.calls.find((call) => call.method === 'kernel.start')).toMatchObject({
      spec: 'python3',
      cwd: '',
      notebook: 'nb.ipynb',
    });
  });

  it('leaves the metadata alone when the notebook names its kernel', async () => {
    const { runs, room } = await setUp({ a: '1' });
    room.wanted = { name: 'python3', language: 'python' };
    await runs.queue([id('a')], ada);
    await idle(runs);
    expect(room.kernelsSet).toEqual([]);
  });

  it('runs cells in order, one at a time, and skips what is no code', async () => {
    const { runs, room, runner } = await setUp({ a: 'A', m: '# text', b: 'B', e: '  ' });
    room.cells.set(id('m'), { type: 'markdown', source: '# text' });
    await runs.queue([id('a'), id('m'), id('b'), id('e')], ada);
    await idle(runs);
    expect(runner.ran).toEqual(['A', 'B']);
    expect(states(runs)).toEqual({ a: 'done', b: 'done', e: 'done' });
  });

  it('shows the same to a client that folds the frames', async () => {
    const script = (code: string): ScriptStep[] => [
      says('1%\r'),
      says(`2%\n${code}`),
      error('E'),
      { end: 'error' },
    ];
    const { runs, room } = await setUp({ a: 'A', b: 'B' }, { script });
    await runs.queue([id('a')], ada);
    await idle(runs);
    await runs.queue([id('b')], bob);
    await idle(runs);
    await vi.waitFor(() => expect({ ...room.client, version: 0 }).toEqual({ ...runs.live, version: 0 }));
    expect(runs.state).toEqual(room.client);
  });

  it('sends at screen pace, and the last state all the same', async () => {
    const { runs, room, runner, clock } = await setUp({ a: 'A' }, { pace: 'by-hand', script: () => many });
    const many = Array.from({ length: 200 }, (_, i) => says(`${i}\n`));
    await runs.queue([id('a')], ada);
    await vi.waitFor(() => expect(runner.ran).toEqual(['A']));
    for (let i = 0; i < 200; i += 1) {
      runner.advance();
      await clock.pass(1);
    }
    // 200 ms at 33 ms a frame, and the burst.
    expect(room.frames.length).toBeLessThan(16);
    runner.advance();
    await clock.pass(100);
    expect({ ...room.client, version: 0 }).toEqual({ ...runs.live, version: 0 });
    expect(room.client.cells[id('a')]?.outputs[0]).toMatchObject({
      text: many.map((_, i) => `${i}\n`).join(''),
    });
  });

  it('records a run in the history with its results by hash', async () => {
    const { runs, recorder, blobs, room } = await setUp({ a: 'A' }, { script: () => [says('hello')] });
    room.lastSeq = 7;
    await runs.queue([id('a')], ada);
    await idle(runs);
    await runs.flush();
    const [entry] = recorder.entries;
    expect(entry).toMatchObject({ kind: 'run', cell: 'a', state: 'done', executionCount: 1, origin: 'run' });
    expect(entry).toMatchObject({ codeSeq: 7, kernel: 'python3' });
    expect(entry?.author).toEqual({ person: 'ada', name: 'Ada', session: null });
    if (entry?.kind !== 'run') throw new Error('no run was recorded');
    const outputs: unknown = JSON.parse(Buffer.from(await blobs.get(project, entry.outputs)).toString());
    expect(outputs).toEqual([{ type: 'stream', name: 'stdout', text: 'hello' }]);
  });

  it('stops at the first error', async () => {
    const script = (code: string): ScriptStep[] => (code === 'B' ? [error('E'), { end: 'error' }] : []);
    const { runs, runner } = await setUp({ a: 'A', b: 'B', c: 'C' }, { script });
    await runs.queue([id('a'), id('b'), id('c')], ada);
    await idle(runs);
    expect(runner.ran).toEqual(['A', 'B']);
    expect(states(runs)).toEqual({ a: 'done', b: 'failed', c: 'idle' });
  });

  it('moves large values to blobs before it names them, and gives them back to files', async () => {
    const png = Buffer.alloc(9_000, 7).toString('base64');
    const wrapped = Buffer.alloc(9_000, 8).toString('base64').replace(/.{76}/g, '$&\n') + '\n';
    const html = `<b>${'x'.repeat(5_000)}</b>`;
    const data = {
      'image/png': png,
      'image/gif': wrapped,
      'text/html': [html.slice(0, 10), html.slice(10)],
      'text/plain': 'small',
    };
    const big = { 'application/json': { list: Array.from({ length: 3_000 }, (_, i) => i) } };
    const { runs, room, blobs } = await setUp(
      { a: 'A' },
      {
        script: () => [
          {
            say: [{ type: 'display_data', content: { data, metadata: {}, transient: { display_id: 'd' } } }],
          },
          { say: [{ type: 'execute_result', content: { data: big, metadata: {}, execution_count: 1 } }] },
        ],
      },
    );
    await runs.queue([id('a')], ada);
    await idle(runs);
    await vi.waitFor(() => expect(room.client.cells[id('a')]?.outputs).toHaveLength(2));
    const [first] = room.client.cells[id('a')]?.outputs ?? [];
    if (first?.type !== 'display_data') throw new Error('no display data');
    expect(first.data).toEqual({ 'text/plain': 'small' });
    expect(first).not.toHaveProperty('transient');
    const png64 = first.blobs?.['image/png'];
    if (png64 === undefined) throw new Error('no blob');
    expect(Buffer.from(await blobs.get(project, png64.blob)).equals(Buffer.alloc(9_000, 7))).toBe(true);
    const results = (await runs.results()).get(id('a'));
    expect(results).toEqual({
      executionCount: 1,
      outputs: [
        { type: 'display_data', data: { ...data, 'text/html': html }, metadata: {} },
        { type: 'execute_result', data: big, metadata: {}, executionCount: 1 },
      ],
    });
  });

  it('keeps a million lines readable in a live document of less than 1 MB', async () => {
    const lines = Array.from({ length: 1_000_000 }, (_, i) => `${i}\n`);
    const chunks = Array.from({ length: 100 }, (_, i) => lines.slice(i * 10_000, (i + 1) * 10_000).join(''));
    const { runs, room } = await setUp({ a: 'A' }, { script: () => chunks.map((text) => says(text)) });
    await runs.queue([id('a')], ada);
    await idle(runs);
    await runs.flush();
    await vi.waitFor(() => expect(room.client.cells[id('a')]?.state).toBe('done'));
    expect(JSON.stringify(runs.live).length).toBeLessThan(1_000_000);
    expect(JSON.stringify(room.client).length).toBeLessThan(1_000_000);
    const output = (await runs.results()).get(id('a'))?.outputs[0];
    if (output?.type !== 'stream') throw new Error('no stream');
    expect(output.text === lines.join('')).toBe(true);
    const shown = room.client.cells[id('a')]?.outputs[0];
    if (shown?.type !== 'stream') throw new Error('no stream');
    const counted = (shown.pages ?? []).reduce((sum, page) => sum + page.lines, 0);
    expect(counted + shown.text.split('\n').length - 1).toBe(1_000_000);
  });

  it('lets timers and sockets in while it folds a flood', async () => {
    const text = 'x'.repeat(99).concat('\n').repeat(100_000);
    const { runs } = await setUp({ a: 'A' }, { script: () => [says(text)] });
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await runs.queue([id('a')], ada);
    await idle(runs);
    isOver = true;
    expect(turns).toBeGreaterThan(40);
  });

  it('clears with wait at the next output only, and updates a display in another cell', async () => {
    const script = (code: string): ScriptStep[] =>
      code === 'A'
        ? [
            says('old'),
            { say: [{ type: 'clear_output', content: { wait: true } }] },
            {
              say: [
                {
                  type: 'display_data',
                  content: { data: { 'text/plain': 'v1' }, metadata: {}, transient: { display_id: 'd' } },
                },
              ],
            },
          ]
        : [
            {
              say: [
                {
                  type: 'update_display_data',
                  content: { data: { 'text/plain': 'v2' }, metadata: {}, transient: { display_id: 'd' } },
                },
              ],
            },
          ];
    const { runs } = await setUp({ a: 'A', b: 'B' }, { script });
    await runs.queue([id('a'), id('b')], ada);
    await idle(runs);
    expect(cell(runs, 'a')?.outputs).toEqual([
      { type: 'display_data', data: { 'text/plain': 'v2' }, metadata: {}, displayId: 'd' },
    ]);
    expect(cell(runs, 'b')?.outputs).toEqual([]);
  });

  it('takes one answer to input(), from anybody, echoes it, and never a password', async () => {
    const script = (code: string): ScriptStep[] =>
      code === 'A' ? [{ ask: 'Name? ' }, says('hi')] : [{ ask: 'Key: ', isPassword: true }];
    const { runs, room, runner, recorder } = await setUp({ a: 'A', b: 'B' }, { script });
    await runs.queue([id('a')], ada);
    await vi.waitFor(() => expect(room.client.cells[id('a')]?.input?.prompt).toBe('Name? '));
    const run = runOf(runs, 'a');
    const both = await Promise.allSettled([runs.answerInput(run, 'Bob'), runs.answerInput(run, 'Eve')]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { code: 'run/no-input' } });
    await idle(runs);
    expect(cell(runs, 'a')?.outputs).toEqual([{ type: 'stream', name: 'stdout', text: 'Name? Bob\nhi' }]);
    await runs.queue([id('b')], ada);
    await vi.waitFor(() => expect(cell(runs, 'b')?.input?.isPassword).toBe(true));
    await runs.answerInput(runOf(runs, 'b'), 'secret');
    await idle(runs);
    await runs.flush();
    expect(runner.answers).toEqual(['Bob', 'secret']);
    expect(JSON.stringify([...recorder.live.values(), room.frames])).not.toContain('secret');
  });

  it('interrupts: the running cell ends, the queue is empty, the prompt is gone', async () => {
    const { runs, runner } = await setUp({ a: 'A', b: 'B' }, { script: () => [{ ask: '?' }] });
    await runs.queue([id('a'), id('b')], ada);
    await vi.waitFor(() => expect(cell(runs, 'a')?.input).toBeDefined());
    await runs.interrupt(bob);
    await idle(runs);
    expect(states(runs)).toEqual({ a: 'failed', b: 'idle' });
    expect(cell(runs, 'a')?.input).toBeUndefined();
    expect(runner.ran).toEqual(['A']);
  });

  it('restarts: nothing runs, results stay, the next run works', async () => {
    const { runs, runner } = await setUp(
      { a: 'A', b: 'B' },
      { script: (code) => (code === 'B' ? [{ ask: '?' }] : [says('a')]) },
    );
    await runs.queue([id('a'), id('b')], ada);
    await vi.waitFor(() => expect(cell(runs, 'b')?.input).toBeDefined());
    await runs.restart(ada);
    expect(states(runs)).toEqual({ a: 'idle', b: 'failed' });
    expect(cell(runs, 'b')).toMatchObject({ failure: 'interrupted' });
    expect(cell(runs, 'a')?.outputs).toHaveLength(1);
    expect(runs.live.kernel.status).toBe('idle');
    await runs.queue([id('a')], ada);
    await idle(runs);
    expect(runner.ran).toEqual(['A', 'B', 'A']);
    expect(cell(runs, 'a')).toMatchObject({ state: 'done', executionCount: 1 });
  });

  it('shows a dead kernel at once, after its last output, and refuses to run until it is restarted', async () => {
    const script = (code: string): ScriptStep[] =>
      code === 'A' ? [says('last words'), { die: 'Killed by signal 9.' }] : [];
    const { runs, recorder } = await setUp({ a: 'A', b: 'B' }, { script });
    await runs.queue([id('a'), id('b')], ada);
    await idle(runs);
    expect(runs.live.kernel).toMatchObject({ status: 'dead', reason: 'Killed by signal 9.' });
    expect(cell(runs, 'a')).toMatchObject({
      state: 'failed',
      failure: 'kernel-died',
      outputs: [{ text: 'last words' }],
    });
    expect(states(runs)).toEqual({ a: 'failed', b: 'idle' });
    await expect(runs.queue([id('b')], ada)).rejects.toMatchObject({ code: 'kernel/dead' });
    await runs.restart(ada);
    await runs.queue([id('b')], ada);
    await idle(runs);
    expect(states(runs)).toMatchObject({ b: 'done' });
    await runs.flush();
    expect(recorder.entries.map((entry) => (entry.kind === 'mark' ? entry.mark : entry.kind))).toEqual([
      'run',
      'kernel-died',
      'kernel-restarted',
      'run',
    ]);
  });

  it('says what is missing when no kernel is installed, and when one does not start', async () => {
    const none = await setUp(
      { a: 'A' },
      { specs: [{ ...pythonSpec, problem: 'Its program does not exist.' }] },
    );
    await none.runs.queue([id('a')], ada);
    await idle(none.runs);
    expect(none.runs.live.kernel).toMatchObject({ status: 'none' });
    expect(none.runs.live.kernel.reason).toContain('No kernel is installed');
    expect(cell(none.runs, 'a')).toMatchObject({ state: 'failed', failure: 'kernel-start' });
    const broken = await setUp({ a: 'A', b: 'B' });
    broken.runner.refuseNext('kernel.start', new Error('no'));
    await broken.runs.queue([id('a'), id('b')], ada);
    await idle(broken.runs);
    expect(states(broken.runs)).toEqual({ a: 'failed', b: 'idle' });
    await broken.runs.queue([id('a')], ada);
    await idle(broken.runs);
    expect(states(broken.runs)).toEqual({ a: 'done', b: 'idle' });
  });

  it('changes the kernel: the old one ends, the new one is written to the notebook', async () => {
    const r = { ...pythonSpec, name: 'ir', displayName: 'R', language: 'R' };
    const { runs, room, runner } = await setUp({ a: 'A' }, { specs: [pythonSpec, r] });
    room.wanted = { name: 'python3', language: 'python' };
    await runs.queue([id('a')], ada);
    await idle(runs);
    await expect(runs.selectKernel('julia', bob)).rejects.toMatchObject({ code: 'kernelspec/not-found' });
    await runs.selectKernel('ir', bob);
    expect(runs.live.kernel).toMatchObject({ status: 'idle', name: 'ir' });
    expect(runner.kernels.size).toBe(1);
    expect(room.kernelsSet).toMatchObject([
      { spec: { name: 'ir', display_name: 'R', language: 'R' }, by: 'Bob' },
    ]);
    expect(states(runs)).toEqual({ a: 'idle' });
    const { kernel } = runs.live.kernel;
    await runs.selectKernel('IR', bob);
    expect(runs.live.kernel).toMatchObject({ status: 'idle', kernel });
  });

  it('queues the running cell behind itself, and cancels what waits', async () => {
    const { runs, runner } = await setUp({ a: 'A', b: 'B' }, { script: () => [{ ask: '?' }] });
    await runs.queue([id('a')], ada);
    await vi.waitFor(() => expect(cell(runs, 'a')?.input).toBeDefined());
    await runs.queue([id('b'), id('a'), id('b')], bob);
    expect(runs.live.queue).toEqual(['a', 'b', 'a']);
    runs.cancel([id('b')]);
    expect(runs.live.queue).toEqual(['a', 'a']);
    const first = runOf(runs, 'a');
    await runs.answerInput(first, '');
    await vi.waitFor(() => expect(cell(runs, 'a')?.by?.name).toBe('Bob'));
    expect(runner.ran).toEqual(['A', 'A']);
    expect(cell(runs, 'a')?.run).not.toBe(first);
  });

  it('keeps the results of a deleted cell for undo, and runs on', async () => {
    const { runs, room, runner } = await setUp(
      { a: 'A', b: 'B', c: 'C' },
      { script: (code) => (code === 'A' ? [{ ask: '?' }] : [says(code)]) },
    );
    await runs.queue([id('a'), id('b'), id('c')], ada);
    await vi.waitFor(() => expect(cell(runs, 'a')?.input).toBeDefined());
    room.remove('b');
    room.remove('a');
    expect(runs.live.queue).toEqual(['a', 'c']);
    await runs.answerInput(runOf(runs, 'a'), 'x');
    await idle(runs);
    expect(runner.ran).toEqual(['A', 'C']);
    expect(states(runs)).toMatchObject({ a: 'done', c: 'done' });
    expect([...(await runs.results()).keys()]).toEqual(['c']);
  });

  it('clears outputs and tells the history', async () => {
    const { runs, recorder } = await setUp({ a: 'A' }, { script: () => [says('x')] });
    await runs.queue([id('a')], ada);
    await idle(runs);
    runs.clearOutputs(undefined, bob);
    await runs.flush();
    expect(cell(runs, 'a')).toEqual({ state: 'idle', executionCount: null, outputs: [] });
    expect(recorder.entries.at(-1)).toMatchObject({ kind: 'run', run: null, author: { name: 'Bob' } });
  });

  it('takes the results of a file, whatever is in them, and gives back the same', async () => {
    const { runs, room, recorder } = await setUp({ a: 'A', b: 'B' });
    const long = '10%\r20%\n'.repeat(30_000);
    const outputs = [
      { type: 'stream', name: 'stdout', text: long },
      { type: 'display_data', data: { 'image/png': 'not base64!'.repeat(1_000) }, metadata: {} },
      { type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] },
      { type: 'unknown', raw: { output_type: 'odd', x: 1 } },
    ] as const;
    let changes = 0;
    runs.onResultsChanged(() => (changes += 1));
    await runs.takeResults(new Map([[id('a'), { outputs, executionCount: 7 }]]));
    expect((await runs.results()).get(id('a'))).toEqual({ outputs, executionCount: 7 });
    await runs.flush();
    await vi.waitFor(() => expect(room.client.cells[id('a')]?.executionCount).toBe(7));
    expect(changes).toBe(0);
    expect(JSON.stringify(room.client).length).toBeLessThan(60_000);
    await vi.waitFor(() =>
      expect(recorder.entries).toMatchObject([{ kind: 'run', run: null, cell: 'a', origin: 'import' }]),
    );
  });

  it('announces changed results to the mirror', async () => {
    const { runs } = await setUp({ a: 'A' }, { script: () => [says('x')] });
    let changes = 0;
    runs.onResultsChanged(() => (changes += 1));
    await runs.queue([id('a')], ada);
    await idle(runs);
    await vi.waitFor(() => expect(changes).toBeGreaterThan(0));
  });

  it('completes only while the kernel is free, and shows pagers', async () => {
    const page = { source: 'page', data: { 'text/plain': 'help' }, start: 0 };
    const script = (code: string): ScriptStep[] =>
      code === 'A' ? [{ end: 'ok', payload: [page] }] : [{ ask: '?' }];
    const { runs, room } = await setUp({ a: 'A', b: 'B' }, { script });
    expect(await runs.complete('x', 1)).toBeNull();
    await runs.queue([id('a')], ada);
    await idle(runs);
    expect(room.frames).toContainEqual(
      expect.objectContaining({ t: 'pager', data: { 'text/plain': 'help' } }),
    );
    expect(await runs.complete('𫭎.x', 3)).toEqual({ status: 'ok', asked: { code: '𫭎.x', cursor_pos: 3 } });
    await runs.queue([id('b')], ada);
    await vi.waitFor(() => expect(runs.live.kernel.status).toBe('busy'));
    expect(await runs.inspect('x', 1, 0)).toBeNull();
  });

  it('shows a kernel without its runner as dead, and alive again when it was only the link', async () => {
    const { runs, runner, clock, projectRuns } = await setUp(
      { a: 'A' },
      { script: () => [{ ask: '?' }, says('x')] },
    );
    await runs.queue([id('a')], ada);
    await vi.waitFor(() => expect(cell(runs, 'a')?.input).toBeDefined());
    runner.disconnect();
    await clock.pass(3_000);
    expect(runs.live.kernel.status).toBe('dead');
    runner.connect(projectRuns);
    expect(runs.live.kernel.status).toBe('busy');
    runner.disconnect();
    await clock.pass(30_000);
    expect(cell(runs, 'a')).toMatchObject({ state: 'failed', failure: 'lost' });
    const other = new FakeRunner({ runner: 'runner-2' });
    other.connect(projectRuns);
    expect(runs.live.kernel.status).toBe('dead');
  });
});

describe('results of the past', () => {
  const at = (seq: number, outputs: BlobHash | null, count: number | null = 3): PastDocument => ({
    ...emptyPast,
    seq,
    cells: {
      [id('a')]: {
        id: id('a'),
        type: 'code',
        position: 'a',
        source: 'A',
        metadata: {},
        ...(outputs === null ? {} : { run: { state: 'done', count, outputs } }),
      },
    },
  });
  const old: readonly LiveOutput[] = [
    { type: 'stream', name: 'stdout', text: 'old\n' },
    { type: 'execute_result', data: { 'text/plain': '41' }, metadata: {}, executionCount: 3 },
  ];
  const all = { cell: id('a'), output: null };

  it('come back as one entry of who asked, with origin restore, and go again by the same way', async () => {
    const { runs, blobs, recorder } = await setUp({ a: 'A' }, { script: () => [says('new')] });
    const hash = await blobs.put(project, Buffer.from(JSON.stringify(old)));
    await runs.queue([id('a')], bob);
    await idle(runs);
    const before = await runs.prepareResults(at(4, hash), all);
    before.put(ada);
    expect(cell(runs, 'a')).toEqual({ state: 'idle', executionCount: 3, outputs: old });
    await runs.flush();
    const last = recorder.entries.at(-1);
    expect(last).toMatchObject({ kind: 'run', run: null, origin: 'restore', author: ada, outputs: hash });
    const ran = recorder.entries.find((entry) => entry.kind === 'run' && entry.run !== null);
    if (ran?.kind !== 'run') throw new Error('the run is not in the history');
    (await runs.prepareResults(at(5, ran.outputs, 1), all)).put(ada);
    expect(cell(runs, 'a')?.outputs).toEqual([{ type: 'stream', name: 'stdout', text: 'new' }]);
    expect((await runs.results()).get(id('a'))?.executionCount).toBe(1);
  });

  it('of one output leave the others; of a cell that had not run clear it; the same again is no entry', async () => {
    const { runs, blobs, recorder } = await setUp({ a: 'A' }, { script: () => [says('new')] });
    const hash = await blobs.put(project, Buffer.from(JSON.stringify(old)));
    await runs.queue([id('a')], bob);
    await idle(runs);
    (await runs.prepareResults(at(4, hash), { cell: id('a'), output: 1 })).put(ada);
    expect(cell(runs, 'a')?.outputs).toEqual([{ type: 'stream', name: 'stdout', text: 'new' }, old[1]]);
    expect(cell(runs, 'a')?.executionCount).toBe(1);
    (await runs.prepareResults(at(1, null), all)).put(ada);
    expect(cell(runs, 'a')).toEqual({ state: 'idle', executionCount: null, outputs: [] });
    await runs.flush();
    const { length } = recorder.entries;
    (await runs.prepareResults(at(1, null), all)).put(ada);
    await runs.flush();
    expect(recorder.entries.length).toBe(length);
  });

  it('are refused while the cell runs, and when they are no longer stored', async () => {
    const { runs, blobs, runner } = await setUp({ a: 'A' }, { pace: 'by-hand', script: () => [says('x')] });
    const hash = await blobs.put(project, Buffer.from(JSON.stringify(old)));
    await runs.queue([id('a')], bob);
    await vi.waitFor(() => expect(runner.ran).toEqual(['A']));
    const prepared = await runs.prepareResults(at(4, hash), all);
    expect(() => prepared.check()).toThrow(/running/);
    expect(() => prepared.put(ada)).toThrow(/running/);
    expect(cell(runs, 'a')?.state).toBe('running');
    const gone = asBlobHash('0'.repeat(64));
    await expect(runs.prepareResults(at(4, gone), all)).rejects.toMatchObject({ code: 'blob/not-found' });
  });
});
