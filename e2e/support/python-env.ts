/**
 * Throw-away virtual environments from PyPI, for programs and clients that are Python. Each is named by the hash of its
 * list of pinned packages and kept below .artefacts, so a second run finds it; two runs at once make it once. Never
 * touches a Python of the machine.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withPrepareLock } from '@cahier/runner/prepare/prepare-lock.ts';
import { type ProgramEnd, runProgram } from '@cahier/runner/run-program.ts';
import { artefacts } from './server-process.ts';

export interface PythonEnv {
  /** Absolute path of the interpreter. */
  readonly python: string;
  /** Absolute path of a program that a package brought, such as `jupyter`. */
  program(name: string): string;
  /** What its processes are started with: nothing of the machine's Python, and a Jupyter home of its own. */
  readonly env: NodeJS.ProcessEnv;
}

const oldest = [3, 11];
const names = ['python3', '/usr/bin/python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
/** Written last: an environment without it was broken off. */
const marker = 'made-of.txt';

/**
 * The environment with the packages of `support/python/<list>.txt`. Throws a sentence when there is no Python of the
 * right age, or PyPI does not answer.
 */
export async function pythonEnv(list: string): Promise<PythonEnv> {
  const requirements = join(import.meta.dirname, 'python', `${list}.txt`);
  const wanted = await readFile(requirements, 'utf8');
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const shelf = join(artefacts, 'python-envs');
  const folder = join(shelf, `${list}-${hash}`);
  await mkdir(shelf, { recursive: true });
  if (!existsSync(join(folder, marker)))
    await withPrepareLock(
      shelf,
      () => undefined,
      async () => {
        if (existsSync(join(folder, marker))) return;
        await rm(folder, { recursive: true, force: true });
        await make(folder, requirements);
        await mkdir(join(folder, 'jupyter'));
        await writeFile(join(folder, marker), wanted);
      },
    );
  return {
    python: join(folder, 'bin/python'),
    program: (name) => join(folder, 'bin', name),
    env: {
      ...cleanEnv(),
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      JUPYTER_CONFIG_DIR: join(folder, 'jupyter/config'),
      JUPYTER_DATA_DIR: join(folder, 'jupyter/data'),
      JUPYTER_RUNTIME_DIR: join(folder, 'jupyter/runtime'),
      IPYTHONDIR: join(folder, 'jupyter/ipython'),
    },
  };
}

async function make(folder: string, requirements: string): Promise<void> {
  const base = await findPython();
  let made = await venv(base, folder);
  if (made.code !== 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await runProgram('apt-get', ['update', '-q'], { env });
    await runProgram('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'python3-venv'], { env });
    await rm(folder, { recursive: true, force: true });
    made = await venv('/usr/bin/python3', folder);
  }
  if (made.code !== 0)
    throw new Error(
      `No virtual environment could be made with ${base}: ${made.tail}. Install Python’s venv module (Debian: sudo apt-get install python3-venv).`,
    );
  const pip = ['-m', 'pip', 'install', '--no-input', '--quiet', '--only-binary', ':all:', '-r', requirements];
  const installed = await runProgram(join(folder, 'bin/python'), pip, { env: cleanEnv() });
  if (installed.code !== 0)
    throw new Error(
      `The Python packages of ${requirements} could not be installed from PyPI: ${errorLine(installed)}. Check the network, or name a mirror in PIP_INDEX_URL.`,
    );
}

function venv(python: string, folder: string): Promise<ProgramEnd> {
  return runProgram(python, ['-m', 'venv', folder], { env: cleanEnv() });
}

async function findPython(): Promise<string> {
  const named = process.env['CAHIER_TEST_PYTHON'];
  const question = `import sys; sys.exit(0 if sys.version_info >= (${oldest.join(', ')}) else 1)`;
  for (const name of named === undefined ? names : [named]) {
    const asked = await runProgram(name, ['-c', question], { env: cleanEnv() });
    if (asked.code === 0) return name;
  }
  throw new Error(
    `No Python ${oldest.join('.')} or newer was found (looked for ${named ?? names.join(', ')}). Install one (Debian: sudo apt-get install python3 python3-venv), or set CAHIER_TEST_PYTHON to its path.`,
  );
}

/** Without what would mix another Python, or another Jupyter, into this one. */
function cleanEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PYTHON(HOME|PATH|EXECUTABLE)|VIRTUAL_ENV|JUPYTER\w*|JPY_\w+)$/.test(name),
  );
  return { ...Object.fromEntries(kept), PIP_DISABLE_PIP_VERSION_CHECK: '1' };
}

/** pip ends with advice; what went wrong stands before it. */
function errorLine({ tail }: ProgramEnd): string {
  const lines = tail.split('\n');
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? '';
}
