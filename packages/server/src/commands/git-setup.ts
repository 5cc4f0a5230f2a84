/**
 * `cahier git-setup`: makes `git diff` and `git merge` use Cahier for notebooks, in one repository or for the whole
 * account. Writes only settings called `cahier` and one line of attributes; what others have set is left as it is.
 */
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type CommandIo, type Exit, exits, UsageError } from './command.ts';

export const gitSetupUsage = `cahier git-setup [--global]
  Makes Git compare and merge notebooks with Cahier, in this repository or (--global) in all of yours.
  Other programs' settings are left as they are. Exit code: 0 set up, 2 something was in the way.`;

const run = promisify(execFile);
const attributes = '*.ipynb diff=cahier merge=cahier';

/** `program`: what starts `cahier`: the absolute paths of Node and of the script. */
export async function gitSetupCommand(
  argv: readonly string[],
  io: CommandIo,
  program: readonly string[],
): Promise<Exit> {
  const { values } = parseArgs({ args: [...argv], options: { global: { type: 'boolean' } } });
  const scope = values.global === true ? '--global' : '--local';
  const git = async (...args: readonly string[]) => {
    const { stdout } = await run('git', [...args], { cwd: io.cwd, env: { ...process.env, ...io.env } });
    return stdout.trimEnd();
  };
  const ask = (...args: readonly string[]) => git(...args).catch(() => '');
  const top = await ask('rev-parse', '--show-toplevel');
  if (scope === '--local' && top === '') {
    throw new UsageError('This folder is in no Git repository. Go into one, or use --global.');
  }
  const command = program.map(quoted).join(' ');
  const settings = [
    ['diff.cahier.command', `${command} git-diff`],
    ['merge.cahier.name', 'Cahier: notebooks cell by cell'],
    ['merge.cahier.driver', `${command.replaceAll('%', '%%')} merge --write-ours --path %P %O %A %B`],
  ] as const;
  let isBlocked = false;
  for (const [key, value] of settings) {
    const present = await ask('config', scope, '--get', key);
    if (present === value) io.out(`${key} is set already.\n`);
    else if (present !== '' && !present.includes('cahier') && !present.startsWith('Cahier')) {
      io.err(`${key} is set to “${present}” by somebody else and was left as it is.\n`);
      isBlocked = true;
    } else {
      await git('config', scope, key, value);
      io.out(`${key} = ${value}\n`);
    }
  }
  const file = scope === '--local' ? join(top, '.gitattributes') : await globalAttributes(io, ask);
  if (!(await setAttributes(file, io, scope === '--local' ? top : null, ask))) isBlocked = true;
  return isBlocked ? exits.trouble : exits.ok;
}

async function globalAttributes(io: CommandIo, ask: (...args: string[]) => Promise<string>): Promise<string> {
  const set = await ask('config', '--global', '--type=path', '--get', 'core.attributesFile');
  if (set !== '') return set;
  const home = io.env['HOME'] ?? homedir();
  return join(io.env['XDG_CONFIG_HOME'] || join(home, '.config'), 'git/attributes');
}

/** False: the attributes of notebooks belong to another program. */
async function setAttributes(
  file: string,
  io: CommandIo,
  top: string | null,
  ask: (...args: string[]) => Promise<string>,
): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const present =
    top === null
      ? inFile(text)
      : inEffect(await ask('-C', top, 'check-attr', 'diff', 'merge', '--', 'a.ipynb'));
  const foreign = present.filter((value) => value !== 'cahier');
  if (foreign.length > 0) {
    io.err(
      `Notebooks are already set to “${foreign.join('”, “')}” by another program; “${file}” was left as it is. To use Cahier, change its line to: ${attributes}\n`,
    );
    return false;
  }
  if (present.length === 2) {
    io.out(`${file} names Cahier for notebooks already.\n`);
    return true;
  }
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${attributes}\n`);
  io.out(`${file}: ${attributes}\n`);
  return true;
}

/** What `git check-attr diff merge` says of a notebook, without what is not set. */
function inEffect(said: string): readonly string[] {
  return said.split('\n').flatMap((line) => {
    const value = /: (?:diff|merge): (.+)$/.exec(line)?.[1];
    return value === undefined || value === 'unspecified' ? [] : [value];
  });
}

/** Diff and merge attributes of the lines that name notebooks. */
function inFile(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => /^\S*\.ipynb\s/.test(line))
    .flatMap((line) => [...line.matchAll(/\s(?:diff|merge)=(\S+)/g)].map((match) => match[1] ?? ''));
}

/** For the shell through which Git starts programs. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
