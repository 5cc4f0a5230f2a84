/**
 * Where kernelspecs are looked for, first hit wins. The environment and the home folder are passed in.
 * Source: jupyter_core.paths.jupyter_path and `jupyter --paths` (Linux and macOS).
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';

export interface SearchPathInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly platform: string;
  /** Cahier's own data folders, right after JUPYTER_PATH. */
  readonly kernelPaths: readonly string[];
  /** `sys.prefix` of the Python that `python3` means, when known. */
  readonly pythonPrefixes?: readonly string[];
  /** Jupyter's data folders for everybody on the machine; tests have none. */
  readonly systemFolders?: readonly string[];
  /** Does this folder belong to the person? What others own does not come before what is their own. */
  readonly isOwn?: (folder: string) => boolean;
}

const isSet = (value: string | undefined) =>
  value !== undefined && value !== '' && !/^(0|no|n|false|off)$/i.test(value);

/** Folders that may hold `<name>/kernel.json`, in order, none twice. */
export function kernelspecFolders(input: SearchPathInput): string[] {
  const { env, homeFolder, platform, kernelPaths } = input;
  const pathEntries = (env['JUPYTER_PATH'] ?? '').split(':').filter((entry) => entry !== '');
  const user = [
    userDataFolder(env, homeFolder, platform),
    join(userBase(env, homeFolder, platform), 'share', 'jupyter'),
  ];
  const prefixes = [env['VIRTUAL_ENV'], env['CONDA_PREFIX'], ...(input.pythonPrefixes ?? [])].filter(
    (prefix): prefix is string => prefix !== undefined && prefix !== '',
  );
  const environments = prefixes.map((prefix) => join(prefix, 'share', 'jupyter'));
  const data = [
    ...pathEntries,
    ...kernelPaths,
    ...(prefersEnvironment(env, input.isOwn ?? (() => true))
      ? [...environments, ...user]
      : [...user, ...environments]),
    ...(input.systemFolders ?? ['/usr/local/share/jupyter', '/usr/share/jupyter']),
  ];
  const ipython = env['IPYTHONDIR'] || join(homeFolder, '.ipython');
  return [...new Set([...data, ipython].map((folder) => join(folder, 'kernels')))];
}

function userDataFolder(env: SearchPathInput['env'], homeFolder: string, platform: string): string {
  const own = env['JUPYTER_DATA_DIR'];
  if (own) return own;
  if (platform === 'darwin') return join(homeFolder, 'Library', 'Jupyter');
  return join(env['XDG_DATA_HOME'] || join(homeFolder, '.local', 'share'), 'jupyter');
}

function userBase(env: SearchPathInput['env'], homeFolder: string, platform: string): string {
  if (env['PYTHONUSERBASE']) return env['PYTHONUSERBASE'];
  return platform === 'darwin' ? join(homeFolder, 'Library', 'Python') : join(homeFolder, '.local');
}

/** Inside a virtual environment of one's own (or a conda one that is not `base`) what is installed there comes first. */
function prefersEnvironment(env: SearchPathInput['env'], isOwn: (folder: string) => boolean): boolean {
  const wish = env['JUPYTER_PREFER_ENV_PATH'];
  if (wish !== undefined) return isSet(wish);
  if (env['VIRTUAL_ENV']) return isOwn(env['VIRTUAL_ENV']);
  const { CONDA_PREFIX: conda, CONDA_DEFAULT_ENV: name } = env;
  return conda !== undefined && conda !== '' && name !== 'base' && isOwn(conda);
}

/** By who it belongs to, as the system tells; what is not there is nobody's. */
export function isOwn(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
}
