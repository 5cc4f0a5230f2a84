import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SetupState } from '@cahier/protocol/client/down.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EnvironmentSetup } from './environment-setup.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-setup-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function runs(program: string): Promise<{ setup: EnvironmentSetup; states: SetupState[] }> {
  await writeFile(join(folder, 'prepare.mjs'), program);
  const setup = new EnvironmentSetup({
    program: join(folder, 'prepare.mjs'),
    data: folder,
    env: { PATH: process.env['PATH'], CAHIER_TOKEN: 'the-owner-token', HTTPS_PROXY: 'http://proxy' },
    logger: pino({ level: 'silent' }),
  });
  const states: SetupState[] = [];
  setup.changed.on((state) => states.push(state));
  setup.start();
  return { setup, states };
}

const ended = (setup: EnvironmentSetup) =>
  vi.waitFor(() => expect(setup.state.phase).not.toBe('working'), { timeout: 10_000 });

describe('the set-up of an environment', () => {
  it('tells how it goes', async () => {
    const { setup, states } = await runs(`
      console.log(JSON.stringify({ phase: 'working', message: 'Downloading' }));
      console.log('something that is no state');
      console.log(JSON.stringify({ phase: 'ready', message: process.argv.slice(2, 4).join(' ') }));
    `);
    await ended(setup);
    expect(states).toEqual([
      { phase: 'working', message: 'Downloading' },
      { phase: 'ready', message: 'prepare --data' },
    ]);
  });

  it('says what is missing and the command that cures it', async () => {
    const cure = 'apt install python3';
    const { setup } = await runs(`
      console.log(JSON.stringify({ phase: 'failed', message: 'No Python.', cure: '${cure}' }));
      process.exitCode = 1;
    `);
    await ended(setup);
    expect(setup.state).toEqual({ phase: 'failed', message: 'No Python.', cure });
  });

  it('that breaks is shown as failed, never as going on', async () => {
    const { setup } = await runs('throw new Error("no")');
    await ended(setup);
    expect(setup.state).toMatchObject({ phase: 'failed', cure: expect.stringContaining('ipykernel') });
  });

  it('knows proxies and no secret', async () => {
    const { setup } = await runs(`
      const { CAHIER_TOKEN, HTTPS_PROXY } = process.env;
      console.log(JSON.stringify({ phase: 'ready', message: JSON.stringify([CAHIER_TOKEN ?? null, HTTPS_PROXY]) }));
    `);
    await ended(setup);
    expect(setup.state.message).toBe('[null,"http://proxy"]');
  });

  it('ends with the server, silently', async () => {
    const { setup, states } = await runs('setInterval(() => {}, 1000)');
    setup.dispose();
    await vi.waitFor(() => expect(setup.isRunning).toBe(false), { timeout: 10_000 });
    expect(states).toEqual([]);
  });
});
