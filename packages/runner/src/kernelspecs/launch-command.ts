/**
 * From a kernelspec to a command line: argv templates, `~`, environment substitution, and whether the program is there.
 * Source: jupyter_client KernelManager.format_kernel_cmd and LocalProvisioner.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernelspec } from './kernelspec.ts';

type Env = Readonly<Record<string, string | undefined>>;

type Launched = Pick<Kernelspec, 'argv' | 'folder' | 'name' | 'prefix'>;

/** argv[0] as it will be looked for. */
export function programOf(spec: Launched, homeFolder: string): string {
  return launchArguments({ ...spec, argv: spec.argv.slice(0, 1) }, {}, homeFolder)[0] ?? '';
}

/** Fills `{connection_file}`, `{resource_dir}` and other launch arguments; braces of other words are left alone. */
export function launchArguments(
  spec: Launched,
  given: Readonly<Record<string, string>>,
  homeFolder: string,
): string[] {
  const values: Readonly<Record<string, string>> = {
    resource_dir: spec.folder,
    kernel_name: spec.name,
    ...(spec.prefix === undefined ? {} : { prefix: spec.prefix }),
    ...given,
  };
  return spec.argv.map((argument) =>
    expandHome(
      argument.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole),
      homeFolder,
    ),
  );
}

/** `$NAME` and `${NAME}` in a kernelspec's `env` come from the launch environment; unknown ones stay as they are. */
export function substituteEnv(specEnv: Readonly<Record<string, string>>, env: Env): Record<string, string> {
  const fill = (value: string) =>
    value.replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (whole, braced?: string, bare?: string) => env[braced ?? bare ?? ''] ?? whole,
    );
  return Object.fromEntries(Object.entries(specEnv).map(([key, value]) => [key, fill(value)]));
}

/** Absolute path of a program as `execvp` would find it; null when there is none that may be run. */
export async function findProgram(program: string, env: Env): Promise<string | null> {
  if (program === '') return null;
  const candidates = program.includes('/')
    ? [program]
    : (env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin')
        .split(':')
        .map((folder) => join(folder || '.', program));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      if ((await stat(candidate)).isFile()) return candidate;
    } catch {
      // the next one
    }
  }
  return null;
}

function expandHome(argument: string, homeFolder: string): string {
  return argument === '~' || argument.startsWith('~/') ? homeFolder + argument.slice(1) : argument;
}
