/** `npm run check`: types, floors, lint and format; no test is run. Exit 1 when anything is wrong. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, runStep, type StepResult } from './steps/run-step.ts';

export async function checkAll(): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    results.push(await runStep(`types: ${name}`, 'tsc', ['-p', `packages/${name}`]));
  }
  results.push(await runStep('types: scripts, tests, bench', 'tsc', ['-p', '.']));
  results.push(await runStep('house: floors and cycles', 'node', ['scripts/house.ts']));
  results.push(
    await runStep('lint', 'oxlint', ['--type-aware', '--quiet', 'packages', 'scripts', 'e2e', 'bench']),
  );
  results.push(await runStep('format', 'biome', ['format', '.']));
  return results;
}

if (import.meta.main) {
  const results = await checkAll();
  const failed = results.filter((result) => !result.ok);
  for (const { name } of failed) console.log(`failed: ${name}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
