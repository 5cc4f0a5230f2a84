/** What of the server's environment a runner gets. A list of what is needed, so that no secret can be forgotten in it. */
import { delimiter } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

const names: ReadonlySet<string> = new Set([
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'TZ',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
]);

export function runnerEnvironment(env: Environment): Record<string, string> {
  const kept: Record<string, string> = { PATH: plainPath(env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin') };
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (names.has(name) || (name.startsWith('JUPYTER_') && !/TOKEN|PASSWORD|SECRET|KEY/.test(name))) {
      kept[name] = value;
    }
  }
  return kept;
}

/** Without the folders that npm puts in front while a script runs. */
function plainPath(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => !/[/\\](node_modules[/\\]\.bin|node-gyp-bin)$/.test(folder))
    .join(delimiter);
}
