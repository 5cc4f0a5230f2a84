/** The command `cahier`: finds the subcommand and turns what goes wrong into a sentence and an exit code. */
import { AppError } from '@cahier/base/app-error.ts';
import { type CommandIo, type Exit, exits, UsageError } from './command.ts';
import { diffCommand, diffUsage } from './diff.ts';
import { gitDiffCommand } from './git-diff.ts';
import { gitSetupCommand, gitSetupUsage } from './git-setup.ts';
import { mergeCommand, mergeUsage } from './merge.ts';

/** Loaded when it is asked for: Git starts this command for every notebook, and must not wait for a database. */
const history = () => import('./history.ts');

async function usage(): Promise<string> {
  return ['Usage:', diffUsage, mergeUsage, gitSetupUsage, (await history()).historyUsage].join('\n\n');
}

/** `program`: the absolute paths with which Git can start this command again. Never throws. */
export async function runCahier(
  argv: readonly string[],
  io: CommandIo,
  program: readonly string[],
): Promise<Exit> {
  const [name, ...rest] = argv;
  try {
    if (rest.includes('--help') || rest.includes('-h')) {
      io.out(`${await helpOf(name)}\n`);
      return exits.ok;
    }
    switch (name ?? '') {
      case 'diff':
        return await diffCommand(rest, io);
      case 'git-diff':
        return await gitDiffCommand(rest, io);
      case 'merge':
        return await mergeCommand(rest, io);
      case 'git-setup':
        return await gitSetupCommand(rest, io, program);
      case 'history':
        return await (await history()).historyCommand(rest, io);
      case '--help':
      case '-h':
      case 'help':
        io.out(`${await usage()}\n`);
        return exits.ok;
      default:
        throw new UsageError(await usage());
    }
  } catch (error) {
    io.err(`${sentenceOf(error)}\n`);
    return exits.trouble;
  }
}

async function helpOf(name: string | undefined): Promise<string> {
  if (name === 'history') return (await history()).historyUsage;
  return { diff: diffUsage, merge: mergeUsage, 'git-setup': gitSetupUsage }[name ?? ''] ?? usage();
}

function sentenceOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof AppError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : '';
  if (code === 'ENOENT') return `There is no file “${path}”.`;
  if (code === 'EISDIR') return `“${path}” is a folder; name a file.`;
  if (code === 'EACCES') return `“${path}” may not be opened. Check its permissions.`;
  return error.message;
}
