/** The Python programs of a project, the most wished for first: where its tools (nbconvert) are looked for. */
import { join } from 'node:path';
import type { EnvironmentKernelspecs } from './environment-kernelspecs.ts';
import { type KernelspecCatalog, defaultKernelspec } from './kernelspec-catalog.ts';

const mostTried = 8;

/** The active environment, the project's own, the one of the kernel that a new notebook gets, and `python3`. */
export async function pythonsOf(
  env: Readonly<Record<string, string>>,
  environments: Pick<EnvironmentKernelspecs, 'environments'>,
  catalog: Pick<KernelspecCatalog, 'list'>,
): Promise<string[]> {
  const active = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']].filter((prefix) => prefix !== undefined);
  const found = (await environments.environments()).map(({ prefix }) => prefix);
  const specs = await catalog.list();
  const usual = specs.find(({ name }) => name === defaultKernelspec(specs));
  const program = usual?.language === 'python' ? usual.argv[0] : undefined;
  const pythons = [...active, ...found].map((prefix) => join(prefix, 'bin', 'python'));
  return [
    ...new Set([...pythons.slice(0, mostTried), ...(program === undefined ? [] : [program]), 'python3']),
  ];
}
