/** Which kernelspec a notebook runs with: the one it names, else one of its language, else the project's default. */
import type { KernelspecOnWire } from '@cahier/protocol/runner/up.ts';

export interface InstalledKernels {
  readonly default: string | null;
  readonly specs: readonly KernelspecOnWire[];
}

export interface WantedKernel {
  readonly name?: string;
  readonly language?: string;
}

/** null: nothing that could start is installed. A spec with a known problem is no choice. */
export function chooseKernelspec(installed: InstalledKernels, wanted: WantedKernel): KernelspecOnWire | null {
  const working = installed.specs.filter((spec) => spec.problem === undefined);
  const language = wanted.language?.toLowerCase();
  const named = working.find((spec) => spec.name === wanted.name);
  const standard = working.find((spec) => spec.name === installed.default);
  if (named !== undefined) return named;
  if (language !== undefined && standard?.language.toLowerCase() !== language) {
    const sameLanguage = working.find((spec) => spec.language.toLowerCase() === language);
    if (sameLanguage !== undefined) return sameLanguage;
  }
  return standard ?? working[0] ?? null;
}
