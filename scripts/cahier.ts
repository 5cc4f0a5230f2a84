/**
 * `npm run cahier -- diff A.ipynb B.ipynb`: the command-line commands (packages/server/src/commands). Git starts this
 * file by its absolute path after `npm run cahier -- git-setup`.
 */
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';
import type { CommandIo } from '../packages/server/src/commands/command.ts';

/** Compiled sources are kept: Git starts this once per notebook. */
enableCompileCache(resolve(import.meta.dirname, '../node_modules/.cache/cahier'));
const { runCahier } = await import('../packages/server/src/commands/cahier.ts');

const io: CommandIo = {
  // npm runs scripts in its own folder and says where it was called.
  cwd:
    process.env['npm_lifecycle_event'] === 'cahier'
      ? (process.env['INIT_CWD'] ?? process.cwd())
      : process.cwd(),
  env: process.env,
  isTerminal: process.stdout.isTTY,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

// A reader that has seen enough (`| head`, a pager that is left) closes the pipe.
process.stdout.on('error', () => process.exit(0));
process.exitCode = await runCahier(process.argv.slice(2), io, [process.execPath, import.meta.filename]);
