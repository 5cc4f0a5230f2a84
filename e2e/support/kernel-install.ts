/**
 * Puts real kernels of other makers where tests may use them: below the folder of test data, never among the project's
 * own packages. Versions are pinned; what is there is left alone. Debian's go to the system, so only the nightly asks
 * for them.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@cahier/runner/run-program.ts';
import { pythonWith } from '@cahier/runner/testing/python-tools.ts';
import { z } from 'zod';
import { testData } from './server-process.ts';

export interface InstalledKernel {
  /** For JUPYTER_PATH: the folder with `kernels/<name>/kernel.json`. */
  readonly jupyterPath: string;
  readonly version: string;
}

const patienceMs = 600_000;
const npmPackage = z.object({ version: z.string() });

export async function fromPypi(name: string, version: string): Promise<InstalledKernel> {
  const python = await pythonWith(`${name}-${version}`, [`${name}==${version}`]);
  return { jupyterPath: join(python, '../../share/jupyter'), version };
}

/** `argv` gets the folder of the package. The kernelspec is written here: what the packages write is for one machine. */
export async function fromNpm(
  name: string,
  version: string,
  spec: { readonly name: string; readonly language: string; argv(folder: string): readonly string[] },
): Promise<InstalledKernel> {
  const folder = join(testData, 'kernels', `${spec.name}-${version}`);
  const home = join(folder, 'node_modules', name);
  const jupyterPath = join(folder, 'jupyter');
  if (!existsSync(jupyterPath)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }));
    // Their scripts fetch what npm has brought already; packages within packages, as a global installation has them.
    const flags = ['--ignore-scripts', '--install-strategy=nested', '--no-audit', '--no-fund', '--silent'];
    await run('npm', ['install', '--prefix', folder, ...flags, `${name}@${version}`]);
    const making = join(folder, 'jupyter.new');
    await mkdir(join(making, 'kernels', spec.name), { recursive: true });
    const json = { argv: spec.argv(home), display_name: spec.name, language: spec.language };
    await writeFile(join(making, 'kernels', spec.name, 'kernel.json'), JSON.stringify(json));
    await rename(making, jupyterPath);
  }
  const found = npmPackage.parse(JSON.parse(await readFile(join(home, 'package.json'), 'utf8')));
  return { jupyterPath, version: found.version };
}

/** Throws when it is not installed and this is no root on a Debian. */
export async function fromDebian(name: string, versionOf: string = name): Promise<InstalledKernel> {
  if ((await versionInDebian(name)) === null) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], env);
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', name], env);
  }
  return { jupyterPath: '/usr/share/jupyter', version: (await versionInDebian(versionOf)) ?? '?' };
}

async function versionInDebian(name: string): Promise<string | null> {
  const asked = await runProgram('dpkg-query', ['-W', '-f', '${Status} ${Version}', name]);
  return /^install ok installed (.+)$/.exec(asked.stdout)?.[1] ?? null;
}

async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const end = await runProgram(program, [...args], { env, timeoutMs: patienceMs });
  if (end.code !== 0) throw new Error(`${program} ${args.join(' ')}:\n${end.tail}`);
}
