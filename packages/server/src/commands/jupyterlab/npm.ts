/** Which npm installs: the one that started us, else the one on PATH. Nothing of the surrounding npm run goes along. */
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface NpmCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly env: Record<string, string>;
}

export async function npmCommand(
  env: Readonly<Record<string, string | undefined>>,
): Promise<NpmCommand | null> {
  const clean = withoutOuterRun(env);
  const script = env['npm_execpath'];
  if (script !== undefined && script.endsWith('npm-cli.js') && (await exists(script))) {
    return { program: process.execPath, arguments: [script], env: clean };
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, 'npm');
    if (folder !== '' && (await exists(program))) return { program, arguments: [], env: clean };
  }
  return null;
}

/** An `npm start` around us names its own package and prefix; the registry, the cache and certificates stay. */
function withoutOuterRun(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const isOuter =
      /^npm_(package|lifecycle|command|execpath|node_execpath|config_(local_prefix|prefix|global_prefix|workspace|include|omit|ignore_scripts|package_lock))/i.test(
        name,
      ) || name === 'INIT_CWD';
    if (value !== undefined && !isOuter) kept[name] = value;
  }
  return kept;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
