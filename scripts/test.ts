/**
 * `npm test`: sets up what the tests need (browser, a Python kernel, the built page), then runs checks and all tests.
 * Ends with the line `N passed, N failed`; exit 1 when anything failed or nothing ran.
 * `npm test -- unit sim` runs only those vitest projects (unit, sim, kernel, e2e), without the checks.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkAll } from './check.ts';
import { ensurePage } from './start.ts';
import { ensureChromium } from './steps/chromium.ts';
import { prepareKernel } from './steps/prepare-kernel.ts';
import { root, runStep, type StepResult } from './steps/run-step.ts';

const wanted = process.argv.slice(2);
const artefacts = join(root, '.artefacts');
const testData = process.env['CAHIER_TEST_DATA'] ?? join(artefacts, 'test-data');
mkdirSync(testData, { recursive: true });
const env: NodeJS.ProcessEnv = { CAHIER_TEST_DATA: testData };
const steps: StepResult[] = [];

function needs(project: string): boolean {
  return wanted.length === 0 || wanted.includes(project);
}

if (needs('e2e')) {
  try {
    env['CAHIER_CHROMIUM'] = ensureChromium();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    steps.push({ name: 'Chromium', ok: false });
  }
  const isBuilt = await ensurePage().then(
    () => true,
    (error: unknown) => {
      console.error(error);
      return false;
    },
  );
  steps.push({ name: 'build the page', ok: isBuilt });
  steps.push(
    await runStep('JupyterLab’s page for the tests', 'node', [
      'packages/server/src/commands/jupyterlab.ts',
      '--folder',
      join(testData, 'jupyterlab'),
    ]),
  );
}
if (needs('kernel') || needs('e2e')) {
  steps.push(await prepareKernel(testData));
}
if (wanted.length === 0) steps.push(...(await checkAll()));

const report = join(artefacts, 'vitest.json');
const projects = wanted.flatMap((name) => ['--project', name]);
const vitest = await runStep(
  'tests',
  'vitest',
  ['run', ...projects, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  env,
);

const counts = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
});
let passed = 0;
let failed = 0;
try {
  const parsed = counts.parse(JSON.parse(readFileSync(report, 'utf8')));
  passed = parsed.numPassedTests;
  failed = Math.max(parsed.numFailedTests, parsed.numFailedTestSuites > 0 ? 1 : 0);
} catch {
  failed = 1;
}
if (!vitest.ok && failed === 0) failed = 1;
for (const step of steps) {
  if (step.ok) passed += 1;
  else {
    failed += 1;
    console.log(`failed: ${step.name}`);
  }
}
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed`);
