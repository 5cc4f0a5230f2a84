/** Which kernelspec a notebook runs with: the one it names, else one of its language; else the person has to choose. */
import type { KernelspecOnWire } from '@cahier/protocol/project-facts.ts';

export interface InstalledKernels {
  readonly default: string | null;
  readonly specs: readonly KernelspecOnWire[];
}

export interface WantedKernel {
  readonly name?: string;
  readonly language?: string;
}

/** A name counts in any case, and `python` means `python3`. */
export function kernelspecNamed(
  specs: readonly KernelspecOnWire[],
  name: string,
): KernelspecOnWire | undefined {
  const wanted = name.toLowerCase();
  return (
    specs.find((spec) => spec.name === wanted) ??
    (wanted === 'python' ? specs.find((spec) => spec.name === 'python3') : undefined)
  );
}

/**
 * null: nothing that fits can start, and running the code in another language would be worse than asking. A notebook that
 * names no language gets the default. A spec with a known problem is no choice.
 */
export function chooseKernelspec(installed: InstalledKernels, wanted: WantedKernel): KernelspecOnWire | null {
  const working = installed.specs.filter((spec) => spec.problem === undefined);
  const named = wanted.name === undefined ? undefined : kernelspecNamed(working, wanted.name);
  if (named !== undefined) return named;
  const standard = working.find((spec) => spec.name === installed.default) ?? working[0] ?? null;
  if (wanted.language === undefined || wanted.language === '') return standard;
  const language = plainLanguage(wanted.language);
  const speaks = (spec: KernelspecOnWire) => plainLanguage(spec.language) === language;
  return standard !== null && speaks(standard) ? standard : (working.find(speaks) ?? null);
}

/** Notebooks of long ago say `ipython`, some say `python3`. */
function plainLanguage(language: string): string {
  return language.toLowerCase().replace(/^i?python[\d.]*$/, 'python');
}
