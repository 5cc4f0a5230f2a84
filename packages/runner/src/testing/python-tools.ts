/** A Python environment with some of Jupyter's own tools, made once per machine from PyPI and shared by tests. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from '../run-program.ts';

/** Absolute path of its Python. Throws with pip's last words. */
export async function pythonWith(name: string, packages: readonly string[]): Promise<string> {
  const data = process.env['CAHIER_TEST_DATA'] ?? '/tmp/cahier-test-data';
  const folder = join(data, 'venvs', name);
  const python = join(folder, 'bin', 'python');
  const marker = join(folder, 'made-of');
  const wanted = packages.join('\n');
  if (existsSync(marker)) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  for (const [program, args] of [
    ['python3', ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...packages]],
  ] as const) {
    const end = await runProgram(program, args, { timeoutMs: 500_000 });
    if (end.code !== 0) throw new Error(`${program} ${args.join(' ')}:\n${end.tail}`);
  }
  writeFileSync(marker, wanted);
  return python;
}
