/** The Python kernel that tests and benches run: made once in `data`, from then on only looked at. */
import { runStep, type StepResult } from './run-step.ts';

export function prepareKernel(data: string): Promise<StepResult> {
  return runStep('a Python kernel for the tests', 'node', [
    'packages/runner/src/main.ts',
    'prepare',
    '--private',
    '--data',
    data,
  ]);
}
