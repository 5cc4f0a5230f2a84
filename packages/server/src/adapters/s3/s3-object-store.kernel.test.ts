/** The S3 adapter against a real S3 server (moto), and against servers that fail in every way that a network can. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { startMoto, type MotoServer } from '@cahier/testkit/moto-server.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectStoreContract } from '../../blobs/object-store.contract.ts';
import { type S3Options, S3ObjectStore } from './s3-object-store.ts';
import { s3Settings } from './s3-settings.ts';

let moto: MotoServer;
let buckets = 0;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto.stop());

function settings(more: Partial<S3Options> = {}): S3Options {
  const { endpoint, accessKeyId, secretAccessKey } = moto;
  const common = { bucket: 'old', prefix: 'cahier/', region: 'us-east-1', afterDays: 30, pauseMs: 1 };
  return { endpoint, accessKeyId, secretAccessKey, ...common, ...more };
}

objectStoreContract('S3 (moto)', async () => {
  const bucket = `bucket-${(buckets += 1)}`;
  await moto.makeBucket(bucket);
  return {
    objects: new S3ObjectStore(settings({ bucket, listedAtOnce: 5 })),
    end: async () => undefined,
  };
});

describe('S3ObjectStore', { timeout: 60_000 }, () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** A store whose server answers as told, one listener for each request; the last one stays. */
  async function against(...answers: RequestListener[]) {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.headers.authorization ?? ''}`);
      request.resume();
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      request.on('end', () => answer?.(request, response));
    });
    servers.push(server);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const endpoint = `http://127.0.0.1:${port}`;
    return { store: new S3ObjectStore(settings({ endpoint, patienceMs: 300 })), seen };
  }
  const status =
    (code: number, body = ''): RequestListener =>
    (_, response) =>
      void response.writeHead(code).end(body);
  const cut: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half');
    setImmediate(() => response.destroy());
  };
  const drop: RequestListener = (request) => void request.socket.destroy();
  const silence: RequestListener = () => undefined;

  it('tries again what may pass: 500, 503, 429, a cut answer, a dropped connection', async () => {
    for (const fault of [status(500), status(503), status(429), cut, drop]) {
      const { store, seen } = await against(fault, fault, status(200, 'here'));
      expect(Buffer.from((await store.get('k')) ?? []).toString()).toBe('here');
      expect(seen).toHaveLength(3);
    }
  });

  it('gives up after a while, with a sentence that says why', async () => {
    for (const [fault, why] of [
      [status(500), 'it answered 500'],
      [cut, 'the connection broke'],
      [drop, 'the connection broke'],
      [silence, 'it took too long'],
    ] as const) {
      const { store, seen } = await against(fault);
      await expect(store.get('k')).rejects.toMatchObject({
        code: 'object/unreachable',
        details: { why },
      });
      expect(seen).toHaveLength(4);
    }
  });

  it('does not repeat what was refused, and never tells a secret', async () => {
    const body = '<Error><Code>AccessDenied</Code></Error>';
    const { store, seen } = await against(status(403, body));
    const error = await store.put('k', Uint8Array.of(1)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ details: { why: 'it refused with 403 AccessDenied' } });
    expect(seen).toHaveLength(1);
    const told = JSON.stringify(error, Object.getOwnPropertyNames(error));
    expect(told).not.toContain('test-secret');
    expect(seen[0]).toContain('AWS4-HMAC-SHA256');
  });

  it('a bucket that is not there is no empty store', async () => {
    const store = new S3ObjectStore(settings({ bucket: 'nowhere' }));
    const why = expect.stringContaining('NoSuchBucket');
    await expect(store.put('k', Uint8Array.of(1))).rejects.toMatchObject({ details: { why } });
    await expect(store.get('k')).rejects.toMatchObject({ details: { why } });
  });

  it('nothing listens', async () => {
    const store = new S3ObjectStore(settings({ endpoint: 'http://127.0.0.1:1' }));
    await expect(store.get('k')).rejects.toMatchObject({
      details: { why: expect.stringMatching(/nothing listens|connection broke/) },
    });
  });
});

describe('s3Settings', () => {
  const env = {
    CAHIER_S3_ENDPOINT: 'https://s3.example.org',
    CAHIER_S3_BUCKET: 'b',
    CAHIER_S3_ACCESS_KEY_ID: 'id',
    CAHIER_S3_SECRET_ACCESS_KEY: 'very-secret',
  };
  it('reads the environment', () => {
    expect(s3Settings({})).toBeNull();
    expect(s3Settings(env)).toMatchObject({ bucket: 'b', prefix: '', afterDays: 30, region: 'us-east-1' });
  });
  it('names what is missing or wrong, and no value', () => {
    const { CAHIER_S3_SECRET_ACCESS_KEY: _, ...missing } = env;
    expect(() => s3Settings(missing)).toThrow(/CAHIER_S3_SECRET_ACCESS_KEY is not right: it is missing/);
    expect(() => s3Settings({ ...env, CAHIER_S3_ENDPOINT: 'very-secret' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('very-secret') }),
    );
  });
});
