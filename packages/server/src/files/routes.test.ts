import { wireError } from '@cahier/protocol/wire-error.ts';
import { fromOwnPage, type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freeName } from './new-name.ts';

let sample: SampleApp;
beforeEach(async () => {
  sample = await sampleApp();
});
afterEach(() => sample.close());

const codeOf = (body: string): string => wireError.parse(JSON.parse(body)).code;

function call(method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', url: string, payload?: object | Buffer) {
  return sample.app.inject({
    method,
    url: url.replace(':project', sample.project.id),
    headers: {
      ...fromOwnPage(sample.members.editor),
      ...(payload instanceof Uint8Array ? { 'content-type': 'image/png' } : {}),
    },
    ...(payload ? { payload } : {}),
  });
}
const files = '/api/projects/:project/files';
const text = (path: string) => new TextDecoder().decode(sample.runner.files.get(path));

describe('new files', () => {
  it('are named as Jupyter names them', async () => {
    const make = async (type: string) =>
      (await call('POST', files, { folder: 'f', type })).json<{ path: string }>().path;
    sample.runner.files.set('Untitled1.ipynb', new Uint8Array());
    expect([await make('notebook'), await make('text'), await make('directory')]).toEqual([
      'f/Untitled.ipynb',
      'f/untitled.txt',
      'f/Untitled Folder',
    ]);
    expect(freeName('notebook', new Set(['Untitled.ipynb', 'Untitled1.ipynb']))).toBe('Untitled2.ipynb');
    expect(freeName('directory', new Set(['Untitled Folder']))).toBe('Untitled Folder 1');
    expect(sample.runner.calls).toContainEqual({ method: 'file.mkdir', path: 'f/Untitled Folder' });
  });

  it('hold one empty cell when they are notebooks, in the form of the reference writer', async () => {
    await call('POST', files, { folder: '', type: 'notebook', name: 'a.ipynb' });
    const written = text('a.ipynb');
    expect(JSON.parse(written)).toEqual({
      cells: [
        {
          cell_type: 'code',
          execution_count: null,
          id: expect.stringMatching(/^[0-9a-f]{8}$/),
          metadata: {},
          outputs: [],
          source: [],
        },
      ],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    });
    expect(written).toBe(`${JSON.stringify(JSON.parse(written), null, 1)}\n`);
  });

  it('never replace one that is there', async () => {
    sample.runner.files.set('a.txt', new TextEncoder().encode('mine'));
    const answer = await call('POST', files, { folder: '', type: 'text', name: 'a.txt' });
    expect([answer.statusCode, codeOf(answer.body)]).toEqual([409, 'file/exists']);
    expect(text('a.txt')).toBe('mine');
  });
});

describe('files', () => {
  it('are listed, and the folder is watched from then on', async () => {
    sample.runner.files.set('a.txt', new Uint8Array());
    const answer = await call('GET', `${files}?path=sub//x/./`);
    expect(answer.json()).toMatchObject({ path: 'sub/x', entries: [{ name: 'a.txt' }] });
    expect(sample.told).toEqual(['shown sub/x']);
  });

  it('are uploaded as they are, over another only when asked', async () => {
    const bytes = Buffer.from([0, 255, 1, 254]);
    expect((await call('PUT', `${files}/content?path=a.png`, bytes)).json()).toEqual({ path: 'a.png' });
    expect(Buffer.from(sample.runner.files.get('a.png') ?? [])).toEqual(bytes);
    expect((await call('PUT', `${files}/content?path=a.png`, bytes)).statusCode).toBe(409);
    expect((await call('PUT', `${files}/content?path=a.png&overwrite=1`, Buffer.from([7]))).statusCode).toBe(
      200,
    );
    const back = await call('GET', '/p/:project/files/a.png');
    expect(back.rawPayload).toEqual(Buffer.from([7]));
    expect(back.headers['content-type']).toBe('image/png');
  });

  it('are copied beside themselves as they are edited now, and a copy of a copy is counted on', async () => {
    sample.runner.files.set('f/a.ipynb', new TextEncoder().encode('mine'));
    const copy = async (path: string) => (await call('POST', `${files}/copy`, { path })).json();
    expect(await copy('f/a.ipynb')).toEqual({ path: 'f/a-Copy1.ipynb' });
    expect(text('f/a-Copy1.ipynb')).toBe('mine');
    expect(await copy('f/a-Copy1.ipynb')).toEqual({ path: 'f/a-Copy2.ipynb' });
    expect(sample.told).toEqual(['settled f/a.ipynb', 'settled f/a-Copy1.ipynb']);
    const gone = await call('POST', `${files}/copy`, { path: 'none.txt' });
    expect([gone.statusCode, codeOf(gone.body)]).toEqual([404, 'file/not-found']);
  });

  it('are moved and removed, and rooms hear of it', async () => {
    sample.runner.files.set('a.ipynb', new Uint8Array());
    expect((await call('PATCH', files, { from: 'a.ipynb', to: 'b.ipynb' })).json()).toEqual({
      path: 'b.ipynb',
    });
    expect((await call('DELETE', `${files}?path=b.ipynb`)).statusCode).toBe(204);
    expect(sample.told).toEqual(['renamed a.ipynb b.ipynb', 'removed b.ipynb']);
    const gone = await call('DELETE', `${files}?path=b.ipynb`);
    expect([gone.statusCode, codeOf(gone.body)]).toEqual([404, 'file/not-found']);
    expect(sample.told).toHaveLength(2);
  });

  it('with hostile names are downloads and never a page', async () => {
    const name = '"><script>alert(1)</script>.html';
    sample.runner.files.set(name, new TextEncoder().encode('<script>alert(1)</script>'));
    const answer = await call('GET', `/p/:project/files/${encodeURIComponent(name)}`);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.headers['content-disposition']).toMatch(/^attachment; /);
    expect(answer.headers['content-security-policy']).toMatch(/^sandbox; /);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('paths that leave the project', () => {
  const outside = [
    '..',
    '../x',
    'a/../../x',
    '/etc/passwd',
    '//etc/passwd',
    'a\\..\\x',
    '\\\\host\\share',
    'a\0b',
    'x'.repeat(300),
    'a/'.repeat(3000),
  ];

  it.each(outside)('%j is refused by every route', async (path) => {
    const named = encodeURIComponent(path);
    const answers = [
      await call('GET', `${files}?path=${named}`),
      await call('POST', files, { folder: path, type: 'text', name: 'n' }),
      await call('POST', files, { folder: '', type: 'text', name: path }),
      await call('PATCH', files, { from: path, to: 'a' }),
      await call('PATCH', files, { from: 'a', to: path }),
      await call('DELETE', `${files}?path=${named}`),
      await call('PUT', `${files}/content?path=${named}&overwrite=1`, Buffer.from('x')),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(400);
      expect(['file/outside', 'request/invalid']).toContain(codeOf(answer.body));
    }
    expect(sample.runner.calls).toEqual([]);
  });

  it.each([
    '/p/:project/files/../../../etc/passwd',
    '/p/:project/files/%2e%2e/%2e%2e/etc/passwd',
    '/p/:project/files/..%2f..%2fetc%2fpasswd',
    '/p/:project/files/%2fetc%2fpasswd',
    '/p/:project/files//etc/passwd',
    '/p/:project/files/a%00b',
    '/p/:project/files/',
  ])('%s is no download', async (url) => {
    const answer = await call('GET', url);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(sample.runner.calls).toEqual([]);
  });

  it('percent signs in names are ordinary characters', async () => {
    sample.runner.files.set('%2e%2e', new TextEncoder().encode('x'));
    expect((await call('GET', '/p/:project/files/%252e%252e')).body).toBe('x');
  });

  it('the project itself is neither moved nor removed', async () => {
    for (const path of ['', '.', './']) {
      expect((await call('DELETE', `${files}?path=${encodeURIComponent(path)}`)).statusCode).toBe(400);
      expect((await call('PATCH', files, { from: path, to: 'x' })).statusCode).toBe(400);
    }
    expect(sample.runner.calls).toEqual([]);
  });
});
