/**
 * Virtual and conda environments of the person: in the project's folder, and where the usual tools put them in the home
 * folder. Only looks at files: no Python is started. Bounded in depth, folders and time, since homes can be endless.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface PythonEnvironment {
  /** Absolute. */
  readonly prefix: string;
  readonly kind: 'venv' | 'conda';
  /** `3.11`; null when nothing says so. */
  readonly version: string | null;
  /** The folder with ipykernel's own files; null when it is not installed. */
  readonly ipykernel: string | null;
}

export interface EnvironmentPlaces {
  /** The project's folder. */
  readonly home: string;
  /** The person's home folder. */
  readonly homeFolder: string;
  readonly now: () => number;
}

const deepest = 3;
const mostFolders = 2_000;
const mostMs = 1_500;
const mostEnvironments = 100;

const condaRoots = [
  'miniconda3',
  'anaconda3',
  'miniforge3',
  'mambaforge',
  'micromamba',
  '.local/share/mamba',
  '.conda',
];
/** Folders of environments: virtualenvwrapper, pipenv, poetry, pyenv; uv's and hatch's defaults lie in the project. */
const venvFolders = [
  '.virtualenvs',
  '.pyenv/versions',
  '.venvs',
  '.local/share/virtualenvs',
  '.cache/pypoetry/virtualenvs',
  'Library/Caches/pypoetry/virtualenvs',
  '.local/share/hatch/env/virtual',
];
const neverLookedInto: ReadonlySet<string> = new Set([
  'node_modules',
  '__pycache__',
  'site-packages',
  'proc',
  'sys',
]);
/** Hidden folders are not looked into, but these are environments. */
const hiddenEnvironment = /^\.(?:venv|env|virtualenv|conda|pixi)/;
/** Links are not followed (they may lead anywhere, or round and round), but to one with such a name. */
const linkedEnvironment = /^\.?(?:venv|env|virtualenv)$/i;

/** Each once, by path. Never throws: what cannot be read is not there. */
export async function pythonEnvironments(places: EnvironmentPlaces): Promise<PythonEnvironment[]> {
  const until = places.now() + mostMs;
  const isLate = () => places.now() > until;
  const prefixes = new Set<string>();
  await walk(places.home, isLate, prefixes);
  for (const candidate of await candidatesIn(places.homeFolder)) {
    if (isLate() || prefixes.size >= mostEnvironments) break;
    if ((await kindOf(candidate)) !== null) prefixes.add(candidate);
  }
  const found = await Promise.all([...prefixes].sort().map(describe));
  return found.filter((environment) => environment !== null);
}

/** Breadth first: what is near the top matters more. */
async function walk(root: string, isLate: () => boolean, prefixes: Set<string>): Promise<void> {
  let level = [root];
  let looked = 0;
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (looked++ >= mostFolders || isLate() || prefixes.size >= mostEnvironments) return;
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      const names = new Set(entries.map(({ name }) => name));
      if (names.has('pyvenv.cfg') || names.has('conda-meta')) {
        prefixes.add(folder);
        continue;
      }
      for (const entry of entries) {
        const path = join(folder, entry.name);
        if (entry.isSymbolicLink() && linkedEnvironment.test(entry.name) && (await kindOf(path)) !== null)
          prefixes.add(path);
        const isHidden = entry.name.startsWith('.') && !hiddenEnvironment.test(entry.name);
        if (entry.isDirectory() && !isHidden && !neverLookedInto.has(entry.name)) next.push(path);
      }
    }
    level = next;
  }
}

async function candidatesIn(homeFolder: string): Promise<string[]> {
  const roots = condaRoots.map((name) => join(homeFolder, name));
  const parents = [
    ...roots.map((root) => join(root, 'envs')),
    ...venvFolders.map((name) => join(homeFolder, name)),
  ];
  const listed = await readFile(join(homeFolder, '.conda', 'environments.txt'), 'utf8').catch(() => '');
  const inParents = await Promise.all(parents.map(childrenOf));
  // hatch: one more floor, the project's name and a hash
  const nested = await Promise.all(
    (await childrenOf(join(homeFolder, '.local/share/hatch/env/virtual'))).map(childrenOf),
  );
  return [
    ...roots,
    ...inParents.flat(),
    ...nested.flat(),
    ...listed.split('\n').filter((line) => line.startsWith('/')),
  ];
}

async function childrenOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.slice(0, mostEnvironments).map((name) => join(folder, name));
}

async function kindOf(prefix: string): Promise<PythonEnvironment['kind'] | null> {
  if (await isThere(join(prefix, 'pyvenv.cfg'))) return 'venv';
  return (await isThere(join(prefix, 'conda-meta'))) ? 'conda' : null;
}

async function describe(prefix: string): Promise<PythonEnvironment | null> {
  const kind = await kindOf(prefix);
  if (kind === null || !(await isThere(join(prefix, 'bin', 'python')))) return null;
  const libraries = (await childrenOf(join(prefix, 'lib'))).filter((path) => /\/python3\.\d+$/.test(path));
  const config = await readFile(join(prefix, 'pyvenv.cfg'), 'utf8').catch(() => '');
  const said = /^version(?:_info)?\s*=\s*(\d+\.\d+)/m.exec(config)?.[1];
  const version = said ?? /(\d+\.\d+)$/.exec(libraries[0] ?? '')?.[1] ?? null;
  const packages = libraries.map((library) => join(library, 'site-packages'));
  if (/^include-system-site-packages\s*=\s*true/im.test(config)) {
    const base = /^home\s*=\s*(.+)$/m.exec(config)?.[1]?.trim() ?? '/usr/bin';
    packages.push(
      '/usr/lib/python3/dist-packages',
      join(base, '..', 'lib', `python${version ?? '3'}`, 'site-packages'),
    );
  }
  for (const folder of packages) {
    const ipykernel = join(folder, 'ipykernel');
    if (await isThere(join(ipykernel, '__init__.py'))) return { prefix, kind, version, ipykernel };
  }
  return { prefix, kind, version, ipykernel: null };
}

/** What a person calls it: a `.venv` by the folder that it is for. */
export function environmentName(prefix: string, home: string): string {
  const own = basename(prefix);
  if (!/^\.?(?:venv|env|virtualenv)$/i.test(own)) return own;
  const around = join(prefix, '..');
  return around === home ? own : basename(around);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
