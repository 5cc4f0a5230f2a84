import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultKernelspec, kernelspecCatalog, toWire } from './kernelspec-catalog.ts';

const folder = mkdtempSync(join(tmpdir(), 'cahier-specs-'));
const [first, second] = [join(folder, 'first'), join(folder, 'second')];
const catalog = kernelspecCatalog({
  folders: () => Promise.resolve([first, join(folder, 'missing'), second]),
  env: { PATH: '/bin' },
  homeFolder: '/nobody',
});

function spec(place: string, name: string, json: unknown): void {
  mkdirSync(join(place, name), { recursive: true });
  writeFileSync(join(place, name, 'kernel.json'), typeof json === 'string' ? json : JSON.stringify(json));
}

beforeAll(() => {
  spec(first, 'Python3', { argv: ['sh', '{connection_file}'], display_name: 'Ours', language: 'python' });
  writeFileSync(join(first, 'Python3', 'logo-64x64.png'), 'png');
  writeFileSync(join(first, 'Python3', 'kernel.js'), 'js');
  spec(first, 'broken', '{"argv": [');
  spec(first, 'empty', { argv: [] });
  spec(first, 'gone', {
    argv: ['/no/such/program'],
    language: 'R',
    kernel_protocol_version: '5.5',
    env: { N: 1 },
  });
  mkdirSync(join(first, 'no-json'));
  spec(first, 'My Kernel!', { argv: ['sh'], language: 'sh' });
  const odd = { interrupt_mode: 'shout', language: 7, metadata: [], env: 'no', kernel_protocol_version: 5.5 };
  spec(first, 'odd-fields', { argv: ['sh'], ...odd });
  spec(second, 'python3', { argv: ['sh'], display_name: 'Theirs', language: 'python' });
  spec(second, 'deno', { argv: ['sh'], interrupt_mode: 'message', metadata: { debugger: true } });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the catalogue of kernels', () => {
  it('takes the first of a name, lower-cased, and leaves out broken ones only', async () => {
    expect((await catalog.list()).map(({ name, displayName }) => [name, displayName])).toEqual([
      ['my kernel!', 'My Kernel!'],
      ['python3', 'Ours'],
      ['gone', 'gone'],
      ['odd-fields', 'odd-fields'],
      ['deno', 'deno'],
    ]);
  });

  it('says what the wire needs, with the reason when a program is missing', async () => {
    const specs = (await catalog.list()).map(toWire);
    const [python, gone, odd, deno] = ['python3', 'gone', 'odd-fields', 'deno'].map((name) =>
      specs.find((each) => each.name === name),
    );
    expect(python).toEqual({
      name: 'python3',
      displayName: 'Ours',
      language: 'python',
      interruptMode: 'signal',
      metadata: {},
      resources: ['kernel.js', 'logo-64x64.png'],
      argv: ['sh', '{connection_file}'],
      env: {},
      protocolVersion: '',
    });
    expect(gone?.protocolVersion).toBe('5.5');
    expect(gone?.problem).toBe('Its program “/no/such/program” does not exist.');
    const usual = { interruptMode: 'signal', language: '', metadata: {}, env: {}, protocolVersion: '' };
    expect(odd).toMatchObject(usual);
    expect(deno).toMatchObject({ interruptMode: 'message', metadata: { debugger: true } });
  });

  it('finds in any case, and python as python3', async () => {
    expect((await catalog.find('PYTHON3')).displayName).toBe('Ours');
    expect((await catalog.find('python')).displayName).toBe('Ours');
    expect((await catalog.find('My Kernel!')).language).toBe('sh');
    await expect(catalog.find('cobol')).rejects.toMatchObject({ code: 'kernelspec/not-found' });
  });

  it('serves resources by either name and nothing else', async () => {
    const logo = await catalog.resource('python3', 'logo-64x64');
    expect([Buffer.from(logo.bytes).toString(), logo.mime]).toEqual(['png', 'image/png']);
    expect((await catalog.resource('python3', 'logo-64x64.png')).mime).toBe('image/png');
    await expect(catalog.resource('python3', '../../etc/passwd')).rejects.toMatchObject({
      code: 'file/not-found',
    });
    await expect(catalog.resource('python3', 'kernel.json')).rejects.toMatchObject({
      code: 'file/not-found',
    });
  });

  it('reads again each time', async () => {
    spec(second, 'new', { argv: ['sh'] });
    expect((await catalog.find('new')).name).toBe('new');
    rmSync(join(second, 'new'), { recursive: true });
  });

  it('prefers python3, then any Python, then anything that can start', async () => {
    const specs = await catalog.list();
    expect(defaultKernelspec(specs)).toBe('python3');
    expect(defaultKernelspec(specs.filter(({ name }) => ['gone', 'deno'].includes(name)))).toBe('deno');
    const python = specs.filter(({ name }) => name === 'python3').map((each) => ({ ...each, name: 'py' }));
    expect(defaultKernelspec([...specs.filter(({ name }) => name === 'deno'), ...python])).toBe('py');
    expect(defaultKernelspec(specs.filter(({ name }) => name === 'gone'))).toBeNull();
  });
});
