/** `sys.prefix` of the Python that `python3` means: kernels that pip installed there register themselves below it. */
import { runProgram } from '../run-program.ts';

const patienceMs = 30_000;

/** Null when there is no python3. */
export async function pythonPrefix(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const answer = await runProgram('python3', ['-c', 'import sys; print(sys.prefix)'], {
    env: { ...env },
    timeoutMs: patienceMs,
  });
  return answer.code === 0 && answer.stdout !== '' ? answer.stdout.trim() : null;
}
