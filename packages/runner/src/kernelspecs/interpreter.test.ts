import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settled } from './interpreter.ts';
import { type Kernelspec, parseKernelspec } from './kernelspec.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'cahier-interpreter-')));
const [environment, active, bin] = [join(root, 'env'), join(root, 'active'), join(root, 'bin')];

function program(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
  return path;
}

function spec(folder: string, argv: readonly string[], env: Record<string, string> = {}): Kernelspec {
  const parsed = parseKernelspec('it', folder, JSON.stringify({ argv, env }), []);
  if (parsed === null) throw new Error('no kernelspec');
  return parsed;
}

const inEnvironment = join(environment, 'share/jupyter/kernels/it');
const ofPerson = join(root, 'jupyter/kernels/it');
const place = { env: { PATH: bin }, homeFolder: '/home/ada' };

beforeAll(() => {
  program(join(environment, 'bin/python'));
  program(join(environment, 'bin/python3.11'));
  program(join(active, 'bin/python3'));
  program(join(bin, 'python3'));
  program(join(bin, 'tool'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('the Python of a kernelspec', () => {
  it.each([
    ['beside the kernelspec', inEnvironment, 'python', {}, join(environment, 'bin/python')],
    ['of the same version', inEnvironment, 'python3.11', {}, join(environment, 'bin/python3.11')],
    ['of the active environment', ofPerson, 'python', { VIRTUAL_ENV: active }, join(active, 'bin/python3')],
    ['of an active conda', ofPerson, 'python3', { CONDA_PREFIX: active }, join(active, 'bin/python3')],
    ['on the PATH, where none is called python', ofPerson, 'python', {}, join(bin, 'python3')],
  ])('is the one %s', async (_, folder, name, env, found) => {
    const ready = await settled(spec(folder, [name, '-m', 'x']), { ...place, env: { ...place.env, ...env } });
    expect(ready).toMatchObject({ argv: [found, '-m', 'x'] });
    expect(ready.problem).toBeUndefined();
  });

  it('is missing when no such version is there', async () => {
    const ready = await settled(spec(inEnvironment, ['python3.9']), place);
    expect(ready.problem).toBe('Its program “python3.9” does not exist.');
  });

  it('is left alone when it is named by its path, and so is every other program', async () => {
    const named = join(environment, 'bin/python');
    expect((await settled(spec(ofPerson, [named]), place)).argv).toEqual([named]);
    expect((await settled(spec(inEnvironment, ['tool']), place)).argv).toEqual(['tool']);
  });
});

describe('what else a kernelspec leaves open', () => {
  it('{prefix} is the environment that it lies in, the active one, or Python’s own', async () => {
    const argv = ['{prefix}/bin/python'];
    expect(await settled(spec(inEnvironment, argv), place)).toMatchObject({ prefix: environment, argv });
    const env = { ...place.env, VIRTUAL_ENV: environment };
    expect((await settled(spec(ofPerson, argv), { ...place, env })).prefix).toBe(environment);
    expect((await settled(spec(ofPerson, argv), { ...place, pythonPrefix: environment })).prefix).toBe(
      environment,
    );
  });

  it('a program is looked for on the PATH that the kernelspec sets', async () => {
    const argv = ['python3.11'];
    const ready = await settled(spec(ofPerson, argv, { PATH: `${environment}/bin:\${PATH}` }), place);
    expect(ready.problem).toBeUndefined();
    expect((await settled(spec(ofPerson, ['tool'], { PATH: '/nowhere:${PATH}' }), place)).problem).toBe(
      undefined,
    );
  });
});
