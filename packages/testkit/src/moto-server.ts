/**
 * A real S3 server for tests: moto (https://docs.getmoto.org), from PyPI, in a virtual environment of its own below
 * the tests' data, made at the first use. Needs python3 with venv.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AwsClient } from 'aws4fetch';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const secrets = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' };

export interface MotoServer {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  makeBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startMoto(): Promise<MotoServer> {
  const python = await ensureMoto();
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`moto ended:\n${said}`)));
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new AwsClient({ ...secrets, service: 's3', region: 'us-east-1', retries: 0 });
  return {
    endpoint,
    ...secrets,
    makeBucket: async (name) => {
      const { ok, status } = await client.fetch(`${endpoint}/${name}`, { method: 'PUT' });
      if (!ok) throw new Error(`the bucket was not made: ${status}`);
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The Python that has moto. Several processes may ask at once: each makes its own, the first one stays. */
async function ensureMoto(): Promise<string> {
  const data = process.env['CAHIER_TEST_DATA'] ?? join(root, '.artefacts/test-data');
  const folder = join(data, 'moto');
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return python;
  await mkdir(data, { recursive: true });
  const own = join(data, `moto-${process.pid}`);
  await run('python3', ['-m', 'venv', own]);
  await run(join(own, 'bin/python'), ['-m', 'pip', 'install', '-q', 'moto[server]>=5,<6']);
  await rename(own, folder).catch(() => rm(own, { recursive: true, force: true }));
  return python;
}
