import { describe, expect, it } from 'vitest';
import { type SearchPathInput, isOwn, kernelspecFolders } from './search-path.ts';

const folders = (input: Partial<SearchPathInput>) =>
  kernelspecFolders({ env: {}, homeFolder: '/home/ada', platform: 'linux', kernelPaths: [], ...input });

describe('where kernelspecs are looked for', () => {
  it('JUPYTER_PATH, ours, the person’s, environments, the system’s, IPython’s old place', () => {
    expect(
      folders({
        env: { JUPYTER_PATH: '/a:/b:' },
        kernelPaths: ['/data/python/share/jupyter'],
        pythonPrefixes: ['/py'],
      }),
    ).toEqual([
      '/a/kernels',
      '/b/kernels',
      '/data/python/share/jupyter/kernels',
      '/home/ada/.local/share/jupyter/kernels',
      '/py/share/jupyter/kernels',
      '/usr/local/share/jupyter/kernels',
      '/usr/share/jupyter/kernels',
      '/home/ada/.ipython/kernels',
    ]);
  });

  it.each([
    [{ JUPYTER_DATA_DIR: '/data' }, '/data/kernels'],
    [{ XDG_DATA_HOME: '/xdg' }, '/xdg/jupyter/kernels'],
    [{ VIRTUAL_ENV: '/venv' }, '/venv/share/jupyter/kernels'],
    [{ VIRTUAL_ENV: '/venv', JUPYTER_PREFER_ENV_PATH: '0' }, '/home/ada/.local/share/jupyter/kernels'],
    [{ VIRTUAL_ENV: '/root/venv' }, '/home/ada/.local/share/jupyter/kernels'],
    [{ CONDA_PREFIX: '/root/conda', CONDA_DEFAULT_ENV: 'work' }, '/home/ada/.local/share/jupyter/kernels'],
    [{ CONDA_PREFIX: '/conda', CONDA_DEFAULT_ENV: 'work' }, '/conda/share/jupyter/kernels'],
    [{ CONDA_PREFIX: '/conda', CONDA_DEFAULT_ENV: 'base' }, '/home/ada/.local/share/jupyter/kernels'],
    [
      { CONDA_PREFIX: '/conda', CONDA_DEFAULT_ENV: 'base', JUPYTER_PREFER_ENV_PATH: '1' },
      '/conda/share/jupyter/kernels',
    ],
  ])('with %j first %s', (env, first) =>
    expect(folders({ env, isOwn: (folder) => !folder.startsWith('/root/') })[0]).toBe(first),
  );

  it('Python’s user base and IPython’s folder are where the environment says', () => {
    const found = folders({ env: { PYTHONUSERBASE: '/base', IPYTHONDIR: '/ipy' } });
    expect(found).toContain('/base/share/jupyter/kernels');
    expect(found.at(-1)).toBe('/ipy/kernels');
  });

  it('a folder is one’s own or not', () => {
    expect(isOwn(process.cwd())).toBe(true);
    expect(isOwn('/no/such/folder')).toBe(false);
  });

  it('macOS has its own place', () => {
    expect(folders({ platform: 'darwin' })[0]).toBe('/home/ada/Library/Jupyter/kernels');
  });
});
