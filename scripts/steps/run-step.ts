/** Runs one command of a script with its output on the terminal; tells how long it took. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
}

export async function runStep(
  name: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<StepResult> {
  const startedAt = Date.now();
  console.log(`\n▸ ${name}`);
  const code = await new Promise<number>((done) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('error', (error) => {
      console.error(`  ${command}: ${error.message}`);
      done(127);
    });
    child.on('exit', (status, signal) => done(status ?? (signal === null ? 1 : 130)));
  });
  console.log(
    `  ${code === 0 ? 'ok' : `failed (exit ${code})`}, ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
  );
  return { name, ok: code === 0 };
}
