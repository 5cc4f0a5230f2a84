/**
 * Kernels of other makers, from PyPI and npm, each through everything that a notebook asks of it: what they do otherwise
 * than the specification says does not reach the notebook. More of them, from Debian, are in the nightly (e2e/nightly).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './support/client.ts';
import { firstProject, newNotebook } from './support/http.ts';
import { type Trial, tryKernel } from './support/kernel-trial.ts';
import {
  deno,
  envWith,
  ipykernel,
  quickKernels,
  type RealKernel,
  xeusPython,
} from './support/real-kernels.ts';
import { ServerProcess } from './support/server-process.ts';

let folder: string;
let server: ServerProcess;
let project: string;

beforeAll(async () => {
  const installed = [];
  for (const kernel of quickKernels) installed.push(await kernel.install());
  folder = mkdtempSync(join(tmpdir(), 'cahier-real-kernels-'));
  server = await ServerProcess.start({ folder, env: envWith(installed) });
  project = await firstProject(server);
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function tried(kernel: RealKernel): Promise<Trial['said']> {
  const client = await Client.connect(server.origin, project, server.token);
  const document = await client.open(await newNotebook(server, project));
  const connections = join(server.data, 'runners', project, 'kernels');
  const { said } = await tryKernel(client, document, kernel, connections);
  client.close();
  return said;
}

const ends = (how: string) =>
  expect.stringMatching(new RegExp(`^ends the kernel .*${how}.*a restart helps`, 's'));

/** What every kernel comes to. */
const usual: Trial['said'] = {
  language: 'python',
  print: 'hello 📊',
  result: '42',
  error: 'failed: ValueError: no moon',
  'after an error': 'the queue idle, then hello 📊',
  display: 'text/html',
  input: 'name? → got Ada',
  'secret input': 'hidden word? → got 3',
  interrupt: 'failed',
  'after an interrupt': 'hello 📊',
  completion: 'import',
  restart: '42, then failed',
  shutdown: 'gone',
};

describe('a notebook', () => {
  it('works with ipykernel', async () => {
    expect(await tried(ipykernel)).toEqual(usual);
  });

  it('works with xeus-python, which asks for passwords in words of its own and does not survive an interrupt', async () => {
    expect(await tried(xeusPython)).toEqual({
      ...usual,
      error: "failed: <class 'ValueError'>: no moon",
      interrupt: ends('It ended by itself'),
    });
  });

  it('works with Deno, which publishes without topics, results after their end, and does not survive an interrupt', async () => {
    expect(await tried(deno)).toEqual({
      ...usual,
      language: 'typescript',
      error: 'failed: Error: no moon',
      'secret input': '–',
      interrupt: ends('ended by the interrupt'),
      completion: 'console',
    });
  });
});
