/**
 * `main.ts prepare --data DIR`: exit code 0 when a Python kernel is ready, 1 when not, 2 when called wrongly.
 * `--private`: the environment in DIR is made also where the machine has a kernel of its own, as tests want it.
 */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { killPrograms } from '../run-program.ts';
import { preparePython } from './prepare-python.ts';
import type { Progress } from './progress.ts';

export async function prepareCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, private: { type: 'boolean', default: false } },
  });
  if (values.data === undefined) {
    process.stderr.write('“prepare” needs --data DIR, the folder for the private Python environment.\n');
    return 2;
  }
  // The caller may go; the work is still worth finishing. Told to end, it leaves no pip behind that goes on writing.
  process.stdout.on('error', () => {});
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      killPrograms();
      process.exit(143);
    });
  }
  const tell = (progress: Progress) => process.stdout.write(`${JSON.stringify(progress)}\n`);
  const place = {
    dataFolder: resolve(values.data),
    env: process.env,
    homeFolder: process.env['HOME'] || homedir(),
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    isPrivate: values.private,
  };
  const last = await preparePython(place, tell).catch(
    (error: unknown): Progress => ({
      phase: 'failed',
      message: `Setting up Python failed: ${error instanceof Error ? error.message : String(error)}`,
      cure: 'python3 -m pip install --user ipykernel numpy pandas matplotlib',
    }),
  );
  await new Promise<void>((done) => process.stdout.write(`${JSON.stringify(last)}\n`, () => done()));
  return last.phase === 'ready' ? 0 : 1;
}
