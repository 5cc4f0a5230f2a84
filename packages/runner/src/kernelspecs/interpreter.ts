/**
 * What a kernelspec leaves open when it is read: which Python its `python` is, which prefix `{prefix}` means, and whether
 * there is such a program at all. Decided by where the kernelspec was installed, then by the project's active
 * environment. Looks at files only.
 */
import { basename, dirname, join } from 'node:path';
import type { Kernelspec } from './kernelspec.ts';
import { findProgram, programOf, substituteEnv } from './launch-command.ts';

export interface LaunchPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  /** `sys.prefix` of the Python that `python3` means, when known. */
  readonly pythonPrefix?: string | null;
}

/** Ready to be started, or with the problem that keeps it from being. */
export async function settled(spec: Kernelspec, place: LaunchPlace): Promise<Kernelspec> {
  if (spec.problem !== undefined) return spec;
  const env = { ...place.env, ...substituteEnv(spec.env, place.env) };
  const prefix = prefixFor(spec, place);
  const named = { ...spec, ...(prefix === undefined ? {} : { prefix }) };
  const program = programOf(named, place.homeFolder);
  const found = isPython(program)
    ? await findPython(program, prefixesOf(spec, place), env)
    : await findProgram(program, env);
  if (found === null) return { ...named, problem: `Its program “${program}” does not exist.` };
  return isPython(program) ? { ...named, argv: [found, ...spec.argv.slice(1)] } : named;
}

const isPython = (program: string) => /^python(?:\d+(?:\.\d+)?)?$/.test(program);

/**
 * A bare `python3` is the Python beside the kernelspec: what pip wrote into an environment means that environment,
 * whatever is first on the PATH. Many machines have no program with the plain name `python`.
 */
async function findPython(
  name: string,
  prefixes: readonly string[],
  env: LaunchPlace['env'],
): Promise<string | null> {
  const names = name === 'python' ? ['python', 'python3'] : [name];
  const candidates = [
    ...prefixes.flatMap((prefix) => names.map((each) => join(prefix, 'bin', each))),
    ...names,
  ];
  for (const candidate of candidates) {
    const found = await findProgram(candidate, env);
    if (found !== null) return found;
  }
  return null;
}

function prefixesOf(spec: Kernelspec, { env }: LaunchPlace): string[] {
  return [installedIn(spec.folder), env['VIRTUAL_ENV'], env['CONDA_PREFIX']].filter(
    (prefix): prefix is string => prefix !== undefined && prefix !== '',
  );
}

function prefixFor(spec: Kernelspec, place: LaunchPlace): string | undefined {
  return prefixesOf(spec, place)[0] ?? place.pythonPrefix ?? undefined;
}

/** `/env` of `/env/share/jupyter/kernels/name`. */
function installedIn(folder: string): string | undefined {
  const data = dirname(dirname(folder));
  return basename(data) === 'jupyter' && basename(dirname(data)) === 'share'
    ? dirname(dirname(data))
    : undefined;
}
