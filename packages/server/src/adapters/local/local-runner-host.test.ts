import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asProjectId, asRunnerId, type ProjectId } from '@cahier/base/ids.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { runnerHostContract } from '../../runners/runner-host.contract.ts';
import { LocalRunnerHost } from './local-runner-host.ts';
import { runnerEnvironment } from './runner-environment.ts';

/** Writes what it was told and what it sees; ends when the file `end` is there. */
const program = `
import { createInterface } from 'node:readline';
import { existsSync, writeFileSync } from 'node:fs';
createInterface({ input: process.stdin }).once('line', (line) => {
  const config = JSON.parse(line);
  writeFileSync('told.json', JSON.stringify({ config, env: process.env, argv: process.argv, pid: process.pid }));
  setInterval(() => { if (existsSync('end')) process.exit(0); }, 20);
});
`;

const report = z.object({
  config: z.looseObject({ token: z.string(), home: z.string(), project: z.string() }),
  env: z.record(z.string(), z.string()),
  argv: z.array(z.string()),
  pid: z.number(),
});

let folder = '';
const made = new Set<number>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-host-'));
  await writeFile(join(folder, 'runner.mjs'), program);
});
afterEach(async () => {
  for (const pid of made) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
  made.clear();
  await rm(folder, { recursive: true, force: true });
});

const newHost = (env: Record<string, string> = {}) =>
  new LocalRunnerHost({
    program: join(folder, 'runner.mjs'),
    folder: join(folder, 'runners'),
    address: 'ws+unix:/tmp/none.sock:/runner-link',
    kernelPaths: ['/data/python/share/jupyter'],
    orphanHours: 12,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });

async function toldTo(project: ProjectId): Promise<z.output<typeof report>> {
  return vi.waitFor(
    async () => {
      const text = await readFile(join(folder, 'runners', project, 'told.json'), 'utf8');
      const told = report.parse(JSON.parse(text));
      made.add(told.pid);
      return told;
    },
    { timeout: 10_000 },
  );
}

runnerHostContract(async () => ({
  host: newHost(),
  later: () => newHost(),
  told: async (project) => (await toldTo(project)).config,
  end: (project) => writeFile(join(folder, 'runners', project, 'end'), ''),
  tearDown: async () => {},
}));

describe('the local runner host', () => {
  const project = asProjectId('p');
  const start = { project, runner: asRunnerId('r'), token: 'the-runner-token', home: '/tmp' };

  it('shows secrets neither in arguments nor in the environment', async () => {
    const host = newHost({
      CAHIER_TOKEN: 'the-owner-token',
      AWS_SECRET_ACCESS_KEY: 'aws',
      JUPYTER_TOKEN: 'jupyter',
      JUPYTER_PATH: '/opt/jupyter',
      HOME: '/home/me',
      LANG: 'C.UTF-8',
      NODE_OPTIONS: '--inspect',
    });
    const running = await host.start(start);
    const { env, argv, pid, config } = await toldTo(project);
    expect(config).toMatchObject({
      token: 'the-runner-token',
      project,
      stateDir: join(folder, 'runners', project),
      kernelPaths: ['/data/python/share/jupyter'],
    });
    expect(Object.keys(env).sort()).toEqual(['HOME', 'JUPYTER_PATH', 'LANG', 'PATH']);
    const seen = JSON.stringify(argv) + (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
    expect(seen).not.toContain('the-runner-token');
    const { mode } = await stat(join(folder, 'runners', project));
    expect(mode & 0o077).toBe(0);
    running.kill();
    await running.ended;
  });

  it('does not take another process for the runner that had its number', async () => {
    const host = newHost();
    const running = await host.start(start);
    await toldTo(project);
    const record = join(folder, 'runners', project, 'process.json');
    await vi.waitFor(async () => expect(await readFile(record, 'utf8')).toContain('birth'));
    await writeFile(record, JSON.stringify({ pid: process.pid, birth: '1' }));
    expect(await newHost().find(project)).toBeNull();
    await writeFile(record, 'nonsense');
    expect(await newHost().find(project)).toBeNull();
    running.kill();
    await running.ended;
  });

  it('says why a runner that cannot run has ended', async () => {
    await writeFile(join(folder, 'runner.mjs'), 'process.exit(3)');
    const running = await newHost().start(start);
    expect(await running.ended).toEqual({ reason: 'exit code 3' });
  });
});

describe('the environment of a runner', () => {
  it('has a path without the folders that npm puts in front', () => {
    const { PATH } = runnerEnvironment({
      PATH: '/app/node_modules/.bin:/node_modules/.bin:/usr/lib/node_modules/npm/node-gyp-bin:/usr/local/bin:/usr/bin',
    });
    expect(PATH).toBe('/usr/local/bin:/usr/bin');
  });
});
