/** Runs that Jupyter's clients ask for by messages of their own: one queue with everybody's, each told what became of it. */
import { asCellId, asPersonId, asProjectId } from '@cahier/base/ids.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import { sourceHash } from '@cahier/core/runs/source-hash.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { FakeRunRoom } from '@cahier/testkit/fake-run-room.ts';
import { FakeRunner, type ScriptStep, says } from '@cahier/testkit/fake-runner.ts';
import { MemoryBlobStore } from '@cahier/testkit/memory-blob-store.ts';
import { MemoryRecorder } from '@cahier/testkit/memory-recorder.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NotebookRuns } from './notebook-runs.ts';
import { ProjectRuns } from './project-runs.ts';

const id = asCellId;
const ada: EntryAuthor = { person: asPersonId('ada'), name: 'Ada', session: null };
const bob: EntryAuthor = { person: asPersonId('bob'), name: 'Bob', session: null };
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const opened: ProjectRuns[] = [];
afterEach(() => {
  for (const project of opened.splice(0)) project.dispose();
});

/** Code that ends in `!` fails. */
const script = (code: string): ScriptStep[] =>
  code.endsWith('!')
    ? [{ say: [{ type: 'error', content: { ename: 'E', evalue: '', traceback: [] } }] }, { end: 'error' }]
    : [says(code)];

async function setUp(cells: Readonly<Record<string, string>>) {
  const runner = new FakeRunner({ pace: 'by-hand', script });
  const recorder = new MemoryRecorder();
  const room = new FakeRunRoom('nb', cells);
  let count = 0;
  const projectRuns = new ProjectRuns({
    project: asProjectId('p'),
    runner,
    recorder,
    blobs: new MemoryBlobStore(),
    log: recorder.log,
    clock: new FakeClock(),
    newId: () => `id${++count}`,
    logger: quiet,
    openRoom: async () => {},
  });
  opened.push(projectRuns);
  runner.connect(projectRuns);
  await recorder.open(room.document);
  const runs = await projectRuns.openLive(room);
  await runs.restart(ada);
  const told: string[] = [];
  runs.clientRuns.on(({ cell, state }) => told.push(`${cell} ${state}`));
  const ask = (cell: string, code = cells[cell] ?? '', goesOn = false) =>
    runs.runForClient(
      { cell: id(cell), code, goesOn, parts: [new TextEncoder().encode(code)], clientSession: 's' },
      bob,
    );
  const play = () => {
    while (runner.advance());
  };
  const all = () =>
    vi.waitFor(() => {
      play();
      expect(runs.isBusy).toBe(false);
    });
  return { runner, recorder, room, runs, told, ask, all };
}

const stateOf = (runs: NotebookRuns, cell: string) => runs.live.cells[id(cell)]?.state;

describe('runs of clients', () => {
  it('wait their turn between the runs of the page, and are shown as run by who asked', async () => {
    const { runner, runs, ask, all, told, recorder } = await setUp({ a: 'A', b: 'B', c: 'C' });
    await runs.queue([id('a')], ada);
    const asked = ask('b');
    await runs.queue([id('c')], ada);
    expect(runs.live.queue).toEqual(['a', 'b', 'c']);
    expect(runs.live.cells[id('b')]).toMatchObject({ state: 'queued', by: { name: 'Bob' } });
    await all();
    expect(await asked).toBe('sent');
    expect(runner.ran).toEqual(['A', 'B', 'C']);
    expect(runs.live.cells[id('b')]).toMatchObject({ state: 'done', executionCount: 2 });
    expect(told).toEqual(['b waiting', 'b running', 'b ended']);
    const held = runner.calls.filter((call) => call.method === 'kernel.hold');
    const executed = runner.calls.filter((call) => call.method === 'kernel.execute');
    expect(held.map(({ run }) => run)).toEqual([executed[1]?.run]);
    await runs.flush();
    expect(recorder.entries.map(({ author }) => author.name)).toEqual(['Ada', 'Bob', 'Ada']);
  });

  it('run the code of the message, which the cell is then known to have run', async () => {
    const { runner, runs, ask, all } = await setUp({ a: 'A' });
    void ask('a', 'A, as the client had it');
    await all();
    expect(runner.ran).toEqual(['A, as the client had it']);
    expect(runs.live.cells[id('a')]?.ranSource).toBe(sourceHash('A, as the client had it'));
  });

  it('are told that they were dropped: after an error, by cancelling, by an interrupt', async () => {
    const { runs, ask, all, runner, told } = await setUp({ a: 'A!', b: 'B', c: 'C' });
    await runs.queue([id('a')], ada);
    const afterError = ask('b');
    await all();
    expect(await afterError).toBe('dropped');
    expect(stateOf(runs, 'b')).toBe('idle');
    await runs.queue([id('c')], ada);
    const cancelled = ask('b');
    runs.cancel([id('b')]);
    expect(await cancelled).toBe('dropped');
    const interrupted = ask('b');
    await runs.interrupt(ada);
    expect(await interrupted).toBe('dropped');
    await all();
    expect(runner.ran).toEqual(['A!', 'C']);
    expect(told).toEqual(['b waiting', 'b ended', 'b waiting', 'b ended', 'b waiting', 'b ended']);
  });

  it('go on after an error when the client said so', async () => {
    const { runner, runs, ask, all } = await setUp({ a: 'A!', b: 'B' });
    void ask('a', 'A!', true);
    void ask('b');
    await all();
    expect(runner.ran).toEqual(['A!', 'B']);
    expect([stateOf(runs, 'a'), stateOf(runs, 'b')]).toEqual(['failed', 'done']);
  });

  it('take the place of what the cell waits for, and run behind what it runs', async () => {
    const { runner, runs, ask, all } = await setUp({ a: 'A', b: 'B' });
    await runs.queue([id('a'), id('b')], ada);
    const first = ask('b', 'B1');
    const second = ask('b', 'B2');
    expect(await first).toBe('dropped');
    const again = ask('a', 'A2');
    const newer = ask('a', 'A3');
    expect(await again).toBe('dropped');
    await all();
    expect(await Promise.all([second, newer])).toEqual(['sent', 'sent']);
    expect(runner.ran).toEqual(['A', 'B2', 'A3']);
  });

  it('are known by their code when it is that of one cell to the letter', async () => {
    const { runs } = await setUp({ a: 'A', b: 'B', c: 'B' });
    expect([runs.cellWithCode('A'), runs.cellWithCode('A '), runs.cellWithCode('B')]).toEqual([
      id('a'),
      null,
      null,
    ]);
  });

  it('are no runs without a kernel, without code, and for what is no cell', async () => {
    const { runs } = await setUp({ a: 'A' });
    expect(runs.takesRun(id('a'), 'A')).toBe(true);
    expect(runs.takesRun(id('a'), ' \n')).toBe(false);
    expect(runs.takesRun(id('none'), 'A')).toBe(false);
    await runs.shutdown(ada);
    expect(runs.takesRun(id('a'), 'A')).toBe(false);
  });
});
