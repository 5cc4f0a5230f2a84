import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvironmentKernelspecs } from './environment-kernelspecs.ts';
import { kernelspecCatalog, toWire } from './kernelspec-catalog.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'cahier-environments-')));
const [home, homeFolder] = [join(root, 'project'), join(root, 'person')];

function file(path: string, text = ''): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o755 });
}

interface Made {
  readonly hasKernel?: boolean;
  readonly kind?: 'venv' | 'conda';
}

function environment(prefix: string, { hasKernel = true, kind = 'venv' }: Made = {}): string {
  file(join(prefix, 'bin', 'python'), '#!/bin/sh\n');
  const packages = join(prefix, 'lib', 'python3.11', 'site-packages');
  mkdirSync(packages, { recursive: true });
  if (kind === 'venv') file(join(prefix, 'pyvenv.cfg'), 'home = /usr/bin\nversion = 3.11.2\n');
  else file(join(prefix, 'conda-meta', 'history'));
  if (hasKernel) {
    file(join(packages, 'ipykernel', '__init__.py'));
    file(join(packages, 'ipykernel', 'resources', 'logo-64x64.png'), 'png');
  }
  return prefix;
}

let now = 0;
const places = { home, homeFolder, now: () => now };
const catalogOf = (folders: readonly string[] = []) =>
  kernelspecCatalog({
    folders: () => Promise.resolve(folders),
    env: { PATH: '/bin' },
    homeFolder,
    environments: new EnvironmentKernelspecs(places),
  });

beforeAll(() => {
  environment(join(home, '.venv'));
  environment(join(home, 'work', 'Köln 2', 'venv'));
  environment(join(home, 'bare'), { hasKernel: false });
  environment(join(home, 'a', 'b', 'c', 'd', 'too-deep'));
  environment(join(home, 'node_modules', 'x', '.venv'));
  environment(join(homeFolder, 'miniconda3'), { kind: 'conda' });
  environment(join(homeFolder, 'miniconda3', 'envs', 'stats'), { kind: 'conda' });
  environment(join(homeFolder, '.local/share/virtualenvs', 'site-Ab1'));
  environment(join(root, 'elsewhere', 'listed'), { kind: 'conda' });
  file(join(homeFolder, '.conda', 'environments.txt'), `${join(root, 'elsewhere', 'listed')}\n/gone\n\n`);
  symlinkSync(home, join(home, 'loop'));
  environment(join(homeFolder, '.pyenv/versions/lab'));
  environment(join(homeFolder, '.local/share/mamba/envs/r'), { kind: 'conda', hasKernel: false });
  const kernels = join(homeFolder, '.local/share/mamba/envs/r/share/jupyter/kernels');
  const argv = ['R', '--slave', '-e', 'IRkernel::main()', '--args', '{connection_file}'];
  file(join(kernels, 'ir/kernel.json'), JSON.stringify({ argv, display_name: 'R', language: 'R' }));
  file(join(kernels, 'broken/kernel.json'), '{');
  file(join(homeFolder, '.local/share/mamba/envs/r/bin/R'));
  environment(join(root, 'elsewhere', 'linked'));
  mkdirSync(join(home, 'nested'));
  symlinkSync(join(root, 'elsewhere', 'linked'), join(home, 'nested', '.venv'));
  symlinkSync(join(home, 'nested'), join(home, 'nested', 'env'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('kernels of environments', () => {
  it('are found where people and tools put them, with names that Jupyter takes', async () => {
    const specs = await catalogOf().list();
    expect(specs.map(({ name, displayName, problem }) => [name, displayName, problem === undefined])).toEqual(
      [
        ['conda-listed', 'Python 3.11 (conda: listed)', true],
        ['conda-r-ir', 'R (conda: r)', true],
        ['venv-site-ab1', 'Python 3.11 (venv: site-Ab1)', true],
        ['venv-lab', 'Python 3.11 (venv: lab)', true],
        ['conda-miniconda3', 'Python 3.11 (conda: miniconda3)', true],
        ['conda-stats', 'Python 3.11 (conda: stats)', true],
        ['venv-venv', 'Python 3.11 (venv: .venv)', true],
        ['venv-bare', 'Python 3.11 (venv: bare)', false],
        ['venv-nested-.venv', 'Python 3.11 (venv: nested)', true],
        ['venv-work-k-ln-2-venv', 'Python 3.11 (venv: Köln 2)', true],
      ],
    );
    for (const { name } of specs) expect(name).toMatch(/^[a-z0-9._-]+$/);
  });

  it('run their own Python in their own environment, and have its logo', async () => {
    const spec = await catalogOf().find('VENV-VENV');
    expect(toWire(spec)).toMatchObject({
      argv: [join(home, '.venv/bin/python'), '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
      env: { VIRTUAL_ENV: join(home, '.venv'), PATH: `${join(home, '.venv/bin')}:\${PATH}` },
      language: 'python',
      resources: ['logo-64x64.png'],
    });
    expect((await catalogOf().resource('venv-venv', 'logo-64x64')).mime).toBe('image/png');
  });

  it('have the kernels that are installed in them, with what their activation would set', async () => {
    const r = await catalogOf().find('conda-r-ir');
    const prefix = join(homeFolder, '.local/share/mamba/envs/r');
    expect(r).toMatchObject({
      argv: ['R', '--slave', '-e', 'IRkernel::main()', '--args', '{connection_file}'],
      env: { PATH: `${join(prefix, 'bin')}:\${PATH}`, CONDA_PREFIX: prefix, CONDA_DEFAULT_ENV: 'r' },
      language: 'R',
      prefix,
    });
    expect(r.problem).toBeUndefined();
  });

  it('say what helps when they have no ipykernel', async () => {
    expect((await catalogOf().find('venv-bare')).problem).toBe(
      `It has no ipykernel. Install it with: ${join(home, 'bare/bin/python')} -m pip install ipykernel`,
    );
  });

  it('are not shown twice when their kernel is installed already', async () => {
    const installed = join(root, 'installed');
    const argv = (python: string) => JSON.stringify({ argv: [python, '-m', 'x'], language: 'python' });
    file(join(installed, 'mine', 'kernel.json'), argv(join(home, '.venv/bin/python3')));
    file(join(home, '.venv/bin/python3'));
    const own = join(homeFolder, 'miniconda3', 'share', 'jupyter', 'kernels');
    file(join(own, 'python3', 'kernel.json'), argv('sh'));
    const names = (await catalogOf([installed, own]).list()).map(({ name }) => name);
    expect(names).not.toContain('venv-venv');
    expect(names).not.toContain('conda-miniconda3');
    expect(names).toContain('conda-stats');
  });

  it('are looked for again after a while', async () => {
    const environments = new EnvironmentKernelspecs(places);
    const names = async () => (await environments.list([])).map(({ name }) => name);
    expect(await names()).not.toContain('venv-new');
    environment(join(home, 'new'));
    expect(await names()).not.toContain('venv-new');
    now += 11_000;
    await names();
    await expect.poll(names).toContain('venv-new');
    rmSync(join(home, 'new'), { recursive: true });
  });
});
