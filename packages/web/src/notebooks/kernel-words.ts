/** The kernel's state in words. Pure. */
import { assertNever } from '@cahier/base/assert-never.ts';
import { type Json, isJsonObject } from '@cahier/base/json.ts';
import type { KernelState, KernelStatus } from '@cahier/core/runs/live.ts';

export function kernelWords(status: KernelStatus): string {
  switch (status) {
    case 'none':
      return 'Not started';
    case 'starting':
      return 'Starting…';
    case 'restarting':
      return 'Restarting…';
    case 'idle':
      return 'Idle';
    case 'busy':
      return 'Busy';
    case 'dead':
      return 'Dead – restart';
    default:
      return assertNever(status);
  }
}

/** What is said when another kernel than the notebook's own runs it; undefined when it has its own, or none. */
export function standInWords(kernel: KernelState, kernelspec: Json | undefined): string | undefined {
  if (kernel.name === undefined || !isJsonObject(kernelspec)) return undefined;
  const { name, display_name: title } = kernelspec;
  if (typeof name !== 'string' || sameKernel(name) === kernel.name) return undefined;
  const wanted = typeof title === 'string' && title !== '' ? title : name;
  return `This notebook asks for “${wanted}”, which is not installed here. It runs with “${kernel.displayName ?? kernel.name}”.`;
}

const sameKernel = (name: string) => {
  const plain = name.toLowerCase();
  return plain === 'python' ? 'python3' : plain;
};
