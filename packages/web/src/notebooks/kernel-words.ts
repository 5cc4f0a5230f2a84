/** The kernel's state in words. Pure. */
import { assertNever } from '@cahier/base/assert-never.ts';
import type { KernelStatus } from '@cahier/core/runs/live.ts';

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
