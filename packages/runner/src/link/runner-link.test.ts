import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asKernelId, asProjectId, asRunId, asRunnerId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { RunnerEvent } from '@cahier/protocol/runner/up.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../log.ts';
import { systemClock } from '../system-clock.ts';
import { LinkServer } from '../testing/link-server.ts';
import { EventJournal } from './event-journal.ts';
import { type CallReply, RunnerLink } from './runner-link.ts';
import { SpillFile } from './spill-file.ts';

let folder: string;
let server: LinkServer;
let link: RunnerLink;
let journal: EventJournal;
let welcomes: number;
let stops: number;
let answer: (method: string) => Promise<CallReply>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-link-test-'));
  server = new LinkServer();
  await server.open();
  journal = new EventJournal(new SpillFile(join(folder, 'spill')), 64 * 1024);
  welcomes = 0;
  stops = 0;
  answer = () => Promise.resolve({ result: {} });
  link = new RunnerLink({
    config: {
      address: server.address,
      project: asProjectId('p'),
      runner: asRunnerId('r'),
      token: 'secret',
    },
    journal,
    clock: systemClock,
    random: () => 0,
    log: silentLog,
    listener: {
      answer: (call) => answer(call.method),
      kernels: () => [{ kernel: asKernelId('k'), status: 'busy', activeRun: asRunId('a') }],
      onWelcome: () => (welcomes += 1),
      onStop: () => (stops += 1),
    },
  });
});

afterEach(async () => {
  await link.close();
  journal.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const started = (n: number, padding = ''): RunnerEvent => ({
  e: 'run.output',
  kernel: asKernelId('k'),
  run: asRunId('a'),
  messages: [{ type: 'stream', content: { name: 'stdout', text: `${n}${padding}` } }],
});

const texts = () =>
  server.events().map((event) => {
    const text = event.e === 'run.output' ? event.messages[0]?.content['text'] : '';
    return typeof text === 'string' ? text : '';
  });

const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });

describe('the runner link', () => {
  it('says who it is and what lives, and sends nothing before it is welcome', async () => {
    link.event(started(1));
    link.dial();
    await soon(() => expect(server.durable).toHaveLength(1));
    expect(server.hellos).toEqual([
      {
        t: 'hello',
        protocol: 1,
        project: 'p',
        runner: 'r',
        token: 'secret',
        pid: process.pid,
        lastSeq: 1,
        kernels: [{ kernel: 'k', status: 'busy', activeRun: 'a' }],
      },
    ]);
  });

  it('answers calls, with catalogued errors, and hides what it does not know', async () => {
    link.dial();
    await soon(() => expect(welcomes).toBe(1));
    answer = () => Promise.resolve({ result: { hash: 'h', modifiedAt: 1 }, payload: new Uint8Array([1, 2]) });
    const read = await server.call({ method: 'file.read', path: 'a', maxBytes: 9 });
    expect(read.result).toEqual({ hash: 'h', modifiedAt: 1 });
    expect([...read.payload]).toEqual([1, 2]);
    answer = () => Promise.reject(appError('file/not-found', { details: { path: 'a' } }));
    await expect(server.call({ method: 'file.stat', path: 'a' })).rejects.toMatchObject({
      code: 'file/not-found',
    });
    answer = () => Promise.reject(new Error('/root/secret'));
    await expect(server.call({ method: 'file.stat', path: 'a' })).rejects.toMatchObject({
      code: 'internal/unexpected',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('replays exactly what was not acknowledged when the server comes back', async () => {
    link.dial();
    await soon(() => expect(welcomes).toBe(1));
    let n = 0;
    for (; n < 50; n++) link.event(started(n));
    await soon(() => expect(server.durable).toHaveLength(50));
    server.isAcking = false;
    for (; n < 80; n++) link.event(started(n));
    await soon(() => expect(server.durable).toHaveLength(80));
    // The crash takes with it what was not yet on the disk.
    server.durable.splice(60);
    await server.cut();
    for (; n < 400; n++) link.event(started(n, 'x'.repeat(1_000)));
    expect(journal.memoryBytes).toBeLessThan(65 * 1024);
    server.isAcking = true;
    server.received.length = 0;
    await server.open();
    await soon(() => expect(server.durable).toHaveLength(400));
    expect(server.received.map(({ seq }) => seq)).toEqual(Array.from({ length: 340 }, (_, i) => 61 + i));
    expect(texts().map((text) => Number.parseInt(text, 10))).toEqual(
      Array.from({ length: 400 }, (_, i) => i),
    );
    await soon(() => expect(journal.firstKept).toBe(401));
  });

  it('lets replies and signals overtake a flood of output', async () => {
    link.dial();
    await soon(() => expect(welcomes).toBe(1));
    for (let i = 0; i < 200; i++) link.event(started(i, 'x'.repeat(100_000)));
    const answered = server.call({ method: 'kernelspecs.list' });
    link.signal({ s: 'kernel.status', kernel: asKernelId('k'), status: 'dead' });
    await answered;
    await soon(() => expect(server.signals).toHaveLength(1));
    expect(server.durable.length).toBeLessThan(200);
    await soon(() => expect(server.durable).toHaveLength(200));
  });

  it('stops when it is told to, and survives frames it cannot read', async () => {
    link.dial();
    await soon(() => expect(welcomes).toBe(1));
    server.sendRaw(new Uint8Array([1, 2, 3]));
    server.sendRaw(new TextEncoder().encode('\x05\0\0\0{"t":'));
    server.send({ t: 'stop' });
    await soon(() => expect(stops).toBe(1));
    expect(link.awayMs).toBe(0);
  });

  it('knows a refusal from an absence, and dials on through both', async () => {
    server.refusal = 4401;
    link.dial();
    await soon(() => expect(server.hellos.length).toBeGreaterThan(1));
    await soon(() => expect(link.refusedMs).toBeGreaterThan(0));
    server.refusal = null;
    await soon(() => expect(welcomes).toBe(1));
    expect(link.refusedMs).toBe(0);
    await server.cut();
    await soon(() => expect(link.awayMs).toBeGreaterThan(0));
    expect(link.refusedMs).toBe(0);
  });
});
