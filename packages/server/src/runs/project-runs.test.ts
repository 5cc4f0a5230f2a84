import {
  type DocumentId,
  type RunnerId,
  asCellId,
  asDocumentId,
  asKernelId,
  asPersonId,
  asProjectId,
} from '@cahier/base/ids.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { LiveNotebook } from '@cahier/core/runs/live.ts';
import { FakeClock, settled } from '@cahier/testkit/fake-clock.ts';
import { FakeRunRoom } from '@cahier/testkit/fake-run-room.ts';
import { FakeRunner, type FakeRunnerOptions, type ScriptStep, says } from '@cahier/testkit/fake-runner.ts';
import { MemoryBlobStore } from '@cahier/testkit/memory-blob-store.ts';
import { MemoryRecorder } from '@cahier/testkit/memory-recorder.ts';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Runner } from '../runners/runner.ts';
import { ProjectRuns } from './project-runs.ts';

const project = asProjectId('p');
const ada: EntryAuthor = { person: asPersonId('ada'), name: 'Ada', session: null };
const id = asCellId;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const never = new Promise<never>(() => {});

type Sources = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One machine: its disk and its runner outlive the server processes that come and go on it. */
class Machine {
  readonly clock = new FakeClock();
  readonly recorder = new MemoryRecorder();
  readonly blobs = new MemoryBlobStore();
  readonly runner: FakeRunner;
  readonly #sources: Sources;
  rooms = new Map<DocumentId, FakeRunRoom>();
  runs: ProjectRuns | null = null;
  #isAlive = { yes: false };
  #count = 0;

  constructor(sources: Sources, options: FakeRunnerOptions) {
    this.#sources = sources;
    this.runner = new FakeRunner(options);
  }

  /** Starts a server. `isConnected`: the runner finds it at once. */
  boot(isConnected = true): ProjectRuns {
    const alive = { yes: true };
    this.#isAlive = alive;
    this.rooms = new Map();
    const fake = this.runner;
    const runner: Runner = {
      get isConnected() {
        return alive.yes && fake.isConnected;
      },
      isExpected: true,
      call: (call) => (alive.yes ? fake.call(call) : never),
      ack: (seq) => (alive.yes ? fake.ack(seq) : undefined),
    };
    const { recorder } = this;
    const runs: ProjectRuns = new ProjectRuns({
      project,
      runner,
      recorder: {
        open: (document) => recorder.open(document),
        record: (entry) => (alive.yes ? recorder.record(entry) : 0),
        attach: (batch) => (alive.yes ? recorder.attach(batch) : never),
        flush: () => recorder.flush(),
        durableSeq: (document) => recorder.durableSeq(document),
        onDurable: () => recorder.onDurable(),
        onTrouble: () => recorder.onTrouble(),
      },
      blobs: this.blobs,
      log: recorder.log,
      clock: this.clock,
      newId: () => `id${++this.#count}`,
      logger: quiet,
      openRoom: async (path) => void (await this.open(path.replace('.ipynb', ''), runs)),
    });
    this.runs = runs;
    if (isConnected) fake.connect(runs, recorder.cursors.get(fake.id) ?? 0);
    return runs;
  }

  async open(document: string, runs = this.runs) {
    if (runs === null) throw new Error('no server');
    const sources = this.#sources[document];
    if (sources === undefined) throw new Error(`no notebook ${document}`);
    const known = this.rooms.get(asDocumentId(document));
    const room = known ?? new FakeRunRoom(document, sources);
    this.rooms.set(room.document, room);
    await this.recorder.open(room.document);
    const live = await runs.openLive(room);
    if (known === undefined) room.client = live.state;
    return live;
  }

  /** kill -9 */
  crash(): void {
    this.#isAlive.yes = false;
    this.runner.disconnect(true);
    this.recorder.crash();
    this.runs?.dispose();
    this.runs = null;
  }

  durable(document: string): LiveNotebook {
    const live: LiveNotebook = JSON.parse(this.recorder.live.get(asDocumentId(document)) ?? 'null');
    return live;
  }
}

/** What must be the same whatever happened on the way: all but times. */
function essence(live: LiveNotebook) {
  const { status, name } = live.kernel;
  return timeless({ cells: live.cells, queue: live.queue, kernel: { status, name } });
}

function timeless(value: object): unknown {
  // which state of the history a run's code was is forgotten in a crash
  const times = new Set(['at', 'queuedAt', 'startedAt', 'endedAt', 'codeSeq']);
  return JSON.parse(JSON.stringify(value, (key, part: unknown) => (times.has(key) ? undefined : part)));
}

describe('all runs of a project', () => {
  const say: fc.Arbitrary<ScriptStep> = fc.oneof(
    fc
      .constantFrom('a\n', '1%\r', '2%', '\b', 'long '.repeat(3_000), 'line\n'.repeat(20_000))
      .map((text) => says(text)),
    fc.constantFrom('e').map((text) => says(text, 'stderr')),
    fc.constantFrom(
      ...[true, false].map((wait): ScriptStep => ({ say: [{ type: 'clear_output', content: { wait } }] })),
    ),
    fc
      .tuple(fc.constantFrom('display_data', 'update_display_data'), fc.nat(20_000))
      .map(([type, size]): ScriptStep => {
        const data = { 'text/plain': 'x'.repeat(size) };
        const content = { data, metadata: {}, transient: { display_id: 'd' } };
        return { say: [{ type: type === 'display_data' ? 'display_data' : 'update_display_data', content }] };
      }),
  );
  const ends: fc.Arbitrary<ScriptStep> = fc.oneof(
    { arbitrary: fc.constant<ScriptStep>({ end: 'ok' }), weight: 6 },
    { arbitrary: fc.constant<ScriptStep>({ end: 'error' }), weight: 1 },
    { arbitrary: fc.constant<ScriptStep>({ die: 'It was killed.' }), weight: 1 },
  );
  const programs = fc.array(
    fc.tuple(fc.array(say, { maxLength: 6 }), ends).map(([steps, end]) => [...steps, end]),
    { minLength: 1, maxLength: 4 },
  );
  const actions = fc.array(
    fc.constantFrom('step', 'step', 'step', 'turn', 'pass', 'crash', 'hold', 'release'),
    {
      maxLength: 60,
    },
  );

  it('comes to the same live document after crashes at any moment, and nothing comes twice (property)', async () => {
    await fc.assert(
      fc.asyncProperty(programs, actions, async (steps, plan) => {
        const names = steps.map((_, i) => `c${i}`);
        const sources = { nb: Object.fromEntries(names.map((name, i) => [name, String(i)])) };
        const options = { pace: 'by-hand', script: (code: string) => steps[Number(code)] ?? [] } as const;
        const play = async (isCrashing: boolean) => {
          const machine = new Machine(sources, options);
          machine.boot();
          const first = await machine.open('nb');
          await first.queue(names.map(id), ada);
          await vi.waitFor(() => expect(machine.runner.kernels.size).toBe(1), { interval: 1 });
          await first.flush();
          for (const action of plan) {
            if (action === 'step') machine.runner.advance();
            else if (action === 'turn') await settled();
            else if (action === 'pass') await machine.clock.pass(400);
            else if (action === 'hold') machine.recorder.hold();
            else if (action === 'release') machine.recorder.release();
            else if (isCrashing) {
              machine.crash();
              machine.boot();
              await machine.open('nb');
            }
          }
          machine.recorder.release();
          for (let idleTurns = 0; idleTurns < 4; ) {
            idleTurns = machine.runner.advance() ? 0 : idleTurns + 1;
            await settled();
          }
          const last = await machine.open('nb');
          await machine.runs?.flush();
          const room = machine.rooms.get(asDocumentId('nb'));
          const results = await last.results();
          machine.crash();
          return {
            machine,
            live: essence(last.live),
            results,
            durable: essence(machine.durable('nb')),
            room,
          };
        };
        const plain = await play(false);
        const crashed = await play(true);
        expect(crashed.live).toEqual(plain.live);
        expect(crashed.durable).toEqual(plain.live);
        expect(crashed.results).toEqual(plain.results);
        expect(crashed.machine.runner.ran).toEqual(plain.machine.runner.ran);
        expect(timeless(crashed.machine.recorder.entries)).toEqual(timeless(plain.machine.recorder.entries));
        expect(crashed.machine.recorder.cursors).toEqual(plain.machine.recorder.cursors);
      }),
      { numRuns: 150 },
    );
  });

  it('acknowledges only what is on the disk', async () => {
    const machine = new Machine({ nb: { a: 'A' } }, { pace: 'by-hand', script: () => [says('x')] });
    machine.boot();
    const runs = await machine.open('nb');
    await runs.queue([id('a')], ada);
    await vi.waitFor(() => expect(machine.runner.ran).toEqual(['A']));
    await runs.flush();
    await settled();
    const acked = machine.runner.acked;
    expect(acked).toBe(machine.runner.lastSeq);
    machine.recorder.hold();
    machine.runner.advance();
    await machine.clock.pass(1_000);
    expect(machine.runner.lastSeq).toBeGreaterThan(acked);
    expect(machine.runner.acked).toBe(acked);
    machine.recorder.release();
    await vi.waitFor(() => expect(machine.runner.acked).toBe(machine.runner.lastSeq));
    machine.crash();
  });

  it('commits between messages only, however long a message is', async () => {
    const text = 'line\n'.repeat(200_000);
    const machine = new Machine({ nb: { a: 'A' } }, { pace: 'by-hand', script: () => [says(text)] });
    machine.boot();
    const runs = await machine.open('nb');
    await runs.queue([id('a')], ada);
    await vi.waitFor(() => expect(machine.runner.ran).toEqual(['A']));
    await runs.flush();
    machine.runner.advance();
    const seen = new Set<number>();
    let isOver = false;
    void runs.flush().then(() => (isOver = true));
    expect(runs.live.cells[id('a')]?.outputs).toHaveLength(1);
    while (!isOver) {
      await settled();
      const output = machine.durable('nb').cells[id('a')]?.outputs[0];
      const pages = output?.type === 'stream' ? (output.pages ?? []) : [];
      const tail = output?.type === 'stream' ? output.text.length : 0;
      seen.add(pages.reduce((sum, page) => sum + page.size, tail));
    }
    expect([...seen]).toEqual([0, text.length]);
    machine.crash();
  });

  it('finds a run again that was sent but not committed before a crash', async () => {
    const machine = new Machine({ nb: { a: 'A' } }, { pace: 'by-hand', script: () => [says('x')] });
    machine.boot();
    const runs = await machine.open('nb');
    await runs.restart(ada);
    await runs.flush();
    machine.recorder.hold();
    void runs.queue([id('a')], ada);
    await vi.waitFor(() => expect(machine.runner.ran).toEqual(['A']));
    machine.crash();
    machine.boot();
    const again = await machine.open('nb');
    while (machine.runner.advance());
    await vi.waitFor(() => expect(again.live.cells[id('a')]?.state).toBe('done'));
    expect(again.live.cells[id('a')]).toMatchObject({ executionCount: 1, outputs: [{ text: 'x' }] });
    expect(machine.runner.ran).toEqual(['A']);
    machine.crash();
  });

  it('runs what was committed but never reached the runner', async () => {
    const machine = new Machine({ nb: { a: 'A', b: 'B' } }, { script: (code) => [says(code)] });
    machine.boot();
    const runs = await machine.open('nb');
    await runs.restart(ada);
    machine.runner.disconnect();
    await runs.queue([id('a'), id('b')], ada);
    expect(machine.runner.ran).toEqual([]);
    machine.crash();
    machine.boot(false);
    const again = await machine.open('nb');
    expect(again.live.cells[id('a')]?.state).toBe('running');
    if (machine.runs !== null)
      machine.runner.connect(machine.runs, machine.recorder.cursors.get(machine.runner.id));
    await vi.waitFor(() => expect(again.isBusy).toBe(false));
    expect(machine.runner.ran).toEqual(['A', 'B']);
    machine.crash();
  });

  it('shows the kernel as dead and the run as lost when another runner comes', async () => {
    const machine = new Machine({ nb: { a: 'A', b: 'B' } }, { pace: 'by-hand', script: () => [says('x')] });
    machine.boot();
    const runs = await machine.open('nb');
    await runs.queue([id('a'), id('b')], ada);
    await vi.waitFor(() => expect(machine.runner.ran).toEqual(['A']));
    await runs.flush();
    machine.crash();
    machine.boot(false);
    const again = await machine.open('nb');
    if (machine.runs !== null) new FakeRunner({ runner: 'other' }).connect(machine.runs);
    expect(again.live.kernel.status).toBe('dead');
    expect(again.live.cells[id('a')]).toMatchObject({ state: 'failed', failure: 'lost' });
    expect(again.live.cells[id('b')]).toMatchObject({ state: 'idle' });
    machine.crash();
  });

  it('opens a closed notebook for the events of its kernel, keeps their order, and shares the cursor', async () => {
    const machine = new Machine(
      { one: { a: 'A' }, two: { b: 'B' } },
      { pace: 'by-hand', script: (code) => [says(code), says('!')] },
    );
    const project = machine.boot();
    const one = await machine.open('one');
    const two = await machine.open('two');
    await Promise.all([one.queue([id('a')], ada), two.queue([id('b')], ada)]);
    await vi.waitFor(() => expect(machine.runner.ran).toHaveLength(2));
    project.closed(asDocumentId('one'));
    machine.rooms.delete(asDocumentId('one'));
    expect(project.get(asDocumentId('one'))).toBeNull();
    while (machine.runner.advance());
    await vi.waitFor(() => expect(project.get(asDocumentId('one'))?.live.cells[id('a')]?.state).toBe('done'));
    await vi.waitFor(() => expect(two.live.cells[id('b')]?.state).toBe('done'));
    await project.flush();
    expect(machine.durable('one').cells[id('a')]).toMatchObject({ outputs: [{ text: 'A!' }] });
    expect(machine.durable('two').cells[id('b')]).toMatchObject({ outputs: [{ text: 'B!' }] });
    const cursor: RunnerId = machine.runner.id;
    expect(machine.recorder.cursors.get(cursor)).toBe(machine.runner.lastSeq);
    machine.crash();
  });

  it('passes over events of notebooks that are gone', async () => {
    const machine = new Machine({ nb: { a: 'A' } }, {});
    const project = machine.boot();
    const runs = await machine.open('nb');
    await runs.restart(ada);
    const kernel = runs.live.kernel.kernel;
    if (kernel === undefined) throw new Error('no kernel');
    machine.runner.emit({ e: 'kernel.status', kernel, status: 'busy' });
    await project.flush();
    machine.runner.kernels.clear();
    const other = kernel.replace('nb', 'unknown');
    machine.runner.emit({ e: 'kernel.status', kernel: asKernelId(other), status: 'idle' });
    await project.flush();
    expect(machine.recorder.cursors.get(machine.runner.id)).toBe(machine.runner.lastSeq);
    machine.crash();
  });

  it('names a blob in a commit only when it is on the disk', async () => {
    const machine = new Machine({ nb: { a: 'A' } }, { script: () => [says('line\n'.repeat(40_000))] });
    machine.boot();
    const runs = await machine.open('nb');
    await runs.restart(ada);
    await runs.flush();
    machine.blobs.failNext(1_000);
    const queued = runs.queue([id('a')], ada);
    await vi.waitFor(() => expect(runs.live.cells[id('a')]?.state).toBe('done'));
    await settled();
    expect(machine.durable('nb').cells[id('a')]?.outputs ?? []).toEqual([]);
    expect(machine.rooms.get(runs.document)?.client.cells[id('a')]?.state).toBe('done');
    machine.blobs.failNext(-1_000);
    await machine.clock.pass(20_000);
    await queued;
    const output = (await runs.results()).get(id('a'))?.outputs[0];
    expect(output).toMatchObject({ text: 'line\n'.repeat(40_000) });
    expect(machine.durable('nb').cells[id('a')]?.state).toBe('done');
    machine.crash();
  });
});
