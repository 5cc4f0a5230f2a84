import { asProjectId } from '@cahier/base/ids.ts';
import { asPersonId } from '@cahier/base/ids.ts';
import { MemoryBlobStore } from '@cahier/testkit/memory-blob-store.ts';
import { describe, expect, it } from 'vitest';
import { RawAnswer } from '../http/route.ts';
import { blobRoutes } from './routes.ts';

const project = asProjectId('p1');

async function setUp(bytes = Uint8Array.of(1, 2, 3)) {
  const blobs = new MemoryBlobStore();
  const hash = await blobs.put(project, bytes);
  const [route] = blobRoutes({ blobs });
  if (!route) throw new Error('no route');
  const get = async (name: string, type: string, ifNoneMatch = '', from = project) => {
    const answer = await route.run({
      parse: (schema) => schema.parse({ params: { project: from, hash: name }, query: { type } }),
      call: {
        bytes: new Uint8Array(),
        principal: {
          person: { id: asPersonId('a'), name: 'A', color: '#000' },
          isServerOwner: false,
          session: null,
        },
        requestId: '',
        ip: '',
        acceptEncoding: '',
        ifNoneMatch,
        origin: '',
      },
      project: { project: from, role: 'viewer' },
    });
    if (!(answer instanceof RawAnswer)) throw new Error('not bytes');
    return answer;
  };
  return { hash, route, get };
}

describe('blob routes', () => {
  it('need the right to read the document', async () => {
    expect((await setUp()).route.access).toBe('document.read');
  });

  it('show pictures and text, and keep them for ever', async () => {
    const { hash, get } = await setUp();
    const { body, headers, status } = await get(hash, 'image/png');
    expect([status, [...Buffer.from(body)]]).toEqual([200, [1, 2, 3]]);
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': 'inline',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    expect((await get(hash, 'text/plain')).headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it.each([
    'text/html',
    'application/javascript',
    'image/svg',
    'text/plain; charset=x',
    '',
    'application/pdf',
  ])('sends %j as a download of no type', async (type) => {
    const { hash, get } = await setUp();
    const { headers } = await get(hash, type);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toMatch(/^attachment/);
  });

  it.each(['image/svg+xml', 'image/png', 'text/html'])('sandboxes %s', async (type) => {
    const { hash, get } = await setUp();
    const policy = (await get(hash, type)).headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/^sandbox; default-src 'none'/);
    expect(policy).not.toMatch(/script-src|allow-/);
  });

  it('answers 304 to who has it', async () => {
    const { hash, get } = await setUp();
    const { headers } = await get(hash, 'image/png');
    expect((await get(hash, 'image/png', headers.etag)).status).toBe(304);
  });

  it('does not find blobs of another project, unknown ones, or names that are no hashes', async () => {
    const { hash, get } = await setUp();
    const missing = { code: 'blob/not-found' };
    await expect(get(hash, 'image/png', '', asProjectId('p2'))).rejects.toMatchObject(missing);
    await expect(get('0'.repeat(64), 'image/png', `"${'0'.repeat(64)}"`)).rejects.toMatchObject(missing);
    await expect(get('../x', 'image/png')).rejects.toThrow();
  });
});
