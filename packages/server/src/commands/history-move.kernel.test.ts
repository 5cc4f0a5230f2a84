/** `cahier history move` and `verify` as processes, with a real S3 server that answers, loses an object, and goes away. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecordedSession } from '@cahier/testkit/recorded/open-recorded-session.ts';
import { startMoto, type MotoServer } from '@cahier/testkit/moto-server.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { S3ObjectStore } from '../adapters/s3/s3-object-store.ts';
import { s3Settings } from '../adapters/s3/s3-settings.ts';

const program = join(import.meta.dirname, '../../../../scripts/cahier.ts');
let data: string;
let moto: MotoServer;
let env: Record<string, string>;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'cahier-move-'));
  moto = await startMoto();
  await moto.makeBucket('old');
  env = {
    CAHIER_S3_ENDPOINT: moto.endpoint,
    CAHIER_S3_BUCKET: 'old',
    CAHIER_S3_PREFIX: 'cahier/',
    CAHIER_S3_ACCESS_KEY_ID: moto.accessKeyId,
    CAHIER_S3_SECRET_ACCESS_KEY: moto.secretAccessKey,
  };
  await openRecordedSession(data);
});
afterAll(async () => {
  await moto.stop();
  await rm(data, { recursive: true, force: true });
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function cahier(args: readonly string[], more: Record<string, string> = env): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, 'history', ...args, '--data', data],
      { env: { ...process.env, ...more } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

it('moves old history to the store, proves it there, and names what is lost', async () => {
  expect(await cahier(['move', '--to', 's3'], {})).toMatchObject({
    code: 2,
    err: expect.stringContaining('CAHIER_S3_BUCKET'),
  });
  const moved = await cahier(['move', '--to', 's3', '--older-than', '0']);
  expect(moved).toMatchObject({ code: 0, out: expect.stringMatching(/^2 segments and [1-9]\d* outputs/) });
  expect(await cahier(['move', '--to', 's3', '--older-than', '0'])).toMatchObject({
    out: expect.stringMatching(/^0 segments and 0 outputs/),
  });
  expect(await cahier(['verify'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('Everything is whole'),
  });

  const settings = s3Settings(env);
  if (!settings) throw new Error('no settings');
  const far = new S3ObjectStore(settings);
  const keys: string[] = [];
  for await (const { key } of far.list('')) keys.push(key);
  const picture = keys.find((key) => key.startsWith('blobs/')) ?? '';
  const segment = keys.find((key) => key.startsWith('segments/')) ?? '';
  await far.remove(picture);
  await far.put(segment, Uint8Array.of(1, 2, 3));
  const named = await cahier(['verify']);
  expect(named.code).toBe(1);
  expect(named.out).toContain(`output ${picture.slice(-64)} is missing`);
  expect(named.out).toMatch(/entries \d+ to \d+ are damaged or missing/);

  await moto.stop();
  const unknown = await cahier(['verify']);
  expect(unknown.code).toBe(1);
  expect(unknown.out).toContain('cannot be proven now');
  expect(unknown.out + unknown.err).not.toContain(moto.secretAccessKey);
});
