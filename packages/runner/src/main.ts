/**
 * The runner process. `main.ts` serves one project: configuration as one JSON line on stdin (config.ts), then it dials
 * the server and lives on without it. `main.ts prepare --data DIR` makes sure that a Python kernel is there and tells
 * on stdout how it goes, one JSON line per step.
 */
import { setFlagsFromString } from 'node:v8';

function liveOn(): void {
  // The terminal or the server that started us may go: the kernels stay.
  process.on('SIGHUP', () => {});
  process.on('SIGPIPE', () => {});
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}

async function main(): Promise<number> {
  const [command, ...args] = process.argv.slice(2);
  if (command === 'prepare') {
    const { prepareCommand } = await import('./prepare/prepare-command.ts');
    return prepareCommand(args);
  }
  if (command !== undefined) {
    process.stderr.write(`Unknown command “${command}”. It is either “prepare” or nothing.\n`);
    return 2;
  }
  liveOn();
  // The optimising compilers cost 10 MB once they have run; start-up is not worth it. serve.ts turns them on for work.
  setFlagsFromString('--no-opt --no-maglev --no-sparkplug');
  const [{ readConfig }, { serve }] = await Promise.all([import('./config.ts'), import('./serve.ts')]);
  const config = await readConfig(process.stdin);
  await serve(config);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
