/**
 * Makes sure that there is a Python kernel: one that Jupyter's rules find, else a private virtual environment under the
 * data folder, else Debian's packages, else the sentence and the command that help. May be run again at any time: what
 * is done is left alone, what was broken off is begun anew.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kernelspec, readKernelspecs } from '../kernelspecs/kernelspec.ts';
import { settled } from '../kernelspecs/interpreter.ts';
import { findProgram, programOf, substituteEnv } from '../kernelspecs/launch-command.ts';
import { pythonPrefix } from '../kernelspecs/python-prefix.ts';
import { kernelspecFolders } from '../kernelspecs/search-path.ts';
import { withPrepareLock } from './prepare-lock.ts';
import type { Progress, Tell } from './progress.ts';
import { type ProgramEnd, runProgram } from '../run-program.ts';
import { pipProgress } from './pip-progress.ts';

export interface PreparePlace {
  /** Absolute. The environment goes to `python` in it. */
  readonly dataFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly platform: string;
  readonly isRoot: boolean;
  /** No kernel of the machine will do, only the private environment. */
  readonly isPrivate?: boolean;
  /** As in the search for kernelspecs. */
  readonly systemFolders?: readonly string[];
}

const packages = ['ipykernel', 'numpy', 'pandas', 'matplotlib'];
const debianPackages = ['python3-ipykernel', 'python3-numpy', 'python3-pandas', 'python3-matplotlib'];
/** Written last: an environment without it was broken off. */
const marker = 'cahier-ready';
const probeMs = 30_000;

export async function preparePython(place: PreparePlace, tell: Tell): Promise<Progress> {
  const python = join(place.dataFolder, 'python');
  const ownData = join(python, 'share', 'jupyter');
  const found = await workingPython(place, [ownData]);
  if (found !== null) return ready(found);

  await mkdir(place.dataFolder, { recursive: true });
  let hasSaidSo = false;
  return withPrepareLock(
    place.dataFolder,
    () => {
      if (!hasSaidSo) tell(working('Another Cahier is setting up Python; waiting for it…'));
      hasSaidSo = true;
    },
    async () => {
      const meanwhile = await workingPython(place, [ownData]);
      if (meanwhile !== null) return ready(meanwhile);
      const failure = await makeEnvironment(place, python, tell);
      if (failure === null) {
        const made = await workingPython(place, [ownData]);
        if (made !== null) return ready(made);
      }
      return installFromDebian(place, ownData, failure ?? 'the new environment has no working kernel', tell);
    },
  );
}

interface FoundPython {
  readonly spec: Kernelspec;
  readonly kernelPaths: readonly string[];
}

const working = (message: string): Progress => ({ phase: 'working', message });

function ready({ spec, kernelPaths }: FoundPython): Progress {
  return { phase: 'ready', message: `Python is ready: ${spec.displayName}.`, kernelPaths };
}

/** The first Python kernelspec whose program exists and has ipykernel. */
async function workingPython(place: PreparePlace, own: readonly string[]): Promise<FoundPython | null> {
  const { env, homeFolder } = place;
  const prefix = await pythonPrefix(env);
  const pythonPrefixes = prefix === null ? [] : [prefix];
  const folders = place.isPrivate
    ? own.map((data) => join(data, 'kernels'))
    : kernelspecFolders({ ...place, kernelPaths: own, pythonPrefixes });
  for (const folder of folders) {
    for (const read of await readKernelspecs(folder)) {
      if (read.language.toLowerCase() !== 'python') continue;
      const spec = await settled(read, { env, homeFolder, pythonPrefix: prefix });
      if (await isWorking(spec, place)) return { spec, kernelPaths: own };
    }
  }
  return null;
}

async function isWorking(spec: Kernelspec, place: PreparePlace): Promise<boolean> {
  if (spec.problem !== undefined) return false;
  const program = programOf(spec, place.homeFolder);
  if (!spec.argv.some((argument) => argument.startsWith('ipykernel'))) return true;
  if (program.startsWith(join(place.dataFolder, 'python')) && !(await isMarked(place))) return false;
  const probe = await runProgram(program, ['-c', 'import ipykernel'], {
    env: { ...place.env, ...substituteEnv(spec.env, place.env) },
    timeoutMs: probeMs,
  });
  return probe.code === 0;
}

async function isMarked(place: PreparePlace): Promise<boolean> {
  return readFile(join(place.dataFolder, 'python', marker)).then(
    () => true,
    () => false,
  );
}

/** Null when the environment is made, else why not. */
async function makeEnvironment(place: PreparePlace, python: string, tell: Tell): Promise<string | null> {
  const base = await findProgram('python3', place.env);
  if (base === null) return 'there is no python3';
  // A pip of the surroundings must not decide what happens in here.
  const env = {
    ...place.env,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    PYTHONHOME: undefined,
    PYTHONPATH: undefined,
  };
  tell(working('Making a private Python environment…'));
  await rm(python, { recursive: true, force: true });
  let made = await runProgram(base, ['-m', 'venv', python], { env });
  if (made.code !== 0 && (await isDebian()) && place.isRoot) {
    tell(working('Installing Debian’s python3-venv…'));
    await aptInstall(['python3-venv'], tell);
    await rm(python, { recursive: true, force: true });
    made = await runProgram('/usr/bin/python3', ['-m', 'venv', python], { env });
  }
  if (made.code !== 0) return `python3 -m venv failed: ${made.tail}`;
  const progress = pipProgress(packages, tell);
  const installed = await runProgram(
    join(python, 'bin', 'python'),
    ['-m', 'pip', 'install', '--no-input', '--prefer-binary', '--progress-bar', 'off', ...packages],
    { env, onLine: progress.onLine },
  );
  progress.stop();
  if (installed.code !== 0) return `pip failed: ${errorLine(installed.tail)}`;
  tell(working('Checking the new kernel…'));
  const spec = await register(join(python, 'bin', 'python'), python, env);
  if (spec.code !== 0) return `the kernel was not registered: ${spec.tail}`;
  await writeFile(join(python, marker), `${packages.join('\n')}\n`);
  return null;
}

/** Writes the kernelspec with the absolute path of `python` below `prefix`. */
function register(python: string, prefix: string, env: PreparePlace['env']): Promise<ProgramEnd> {
  return runProgram(
    python,
    ['-m', 'ipykernel', 'install', '--prefix', prefix, '--name', 'python3', '--display-name', 'Python 3'],
    { env: { ...env } },
  );
}

async function installFromDebian(
  place: PreparePlace,
  ownData: string,
  why: string,
  tell: Tell,
): Promise<Progress> {
  if (!(await isDebian())) {
    return {
      phase: 'failed',
      message: `There is no Python kernel, and one could not be made: ${why}. Everything but running Python works.`,
      cure: 'python3 -m pip install --user ipykernel numpy pandas matplotlib',
    };
  }
  const cure = `sudo apt-get install ${debianPackages.join(' ')}`;
  if (!place.isRoot) {
    return {
      phase: 'failed',
      message: `There is no Python kernel, and one could not be made: ${why}. Everything but running Python works.`,
      cure,
    };
  }
  tell(working(`pip does not work here (${why}); taking Debian’s packages instead…`));
  const aptFailure = await aptInstall(debianPackages, tell);
  // Debian's own kernelspec says `python3`, which may be another Python on this PATH.
  if (aptFailure === null) await register('/usr/bin/python3', join(place.dataFolder, 'python'), place.env);
  const found = await workingPython(place, [ownData]);
  if (found !== null) return ready(found);
  return {
    phase: 'failed',
    message: `There is no Python kernel, and one could not be made: ${aptFailure ?? why}. Everything but running Python works.`,
    cure,
  };
}

/** Null when installed, else why not. */
async function aptInstall(names: readonly string[], tell: Tell): Promise<string | null> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const progress = pipProgress(names, tell);
  try {
    await runProgram('apt-get', ['update', '-q'], { env, onLine: progress.onLine });
    const end = await runProgram('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], {
      env,
      onLine: progress.onLine,
    });
    return end.code === 0 ? null : `apt-get failed: ${end.tail}`;
  } finally {
    progress.stop();
  }
}

/** pip ends with advice; what went wrong stands before it. */
function errorLine(tail: string): string {
  const lines = tail.split('\n');
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? '';
}

async function isDebian(): Promise<boolean> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(text);
}
