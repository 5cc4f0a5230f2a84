import type { ErrorKind } from '@cahier/base/app-error.ts';
import { closeCodeOf } from '@cahier/protocol/wire-error.ts';
import { describe, expect, it } from 'vitest';
import { type CloseVerdict, classifyClose } from './classify-close.ts';

describe('classifyClose', () => {
  it.each([
    [1000, 'retry'],
    [1001, 'retry'],
    [1005, 'retry'],
    [1006, 'retry'],
    [1011, 'retry'],
    [1012, 'retry'],
    [4000, 'retry'],
    [4401, 'sign-in'],
    [4403, 'give-up'],
    [4404, 'give-up'],
    [4400, 'give-up'],
    [4426, 'reload'],
  ] as const)('%i means %s', (code, verdict) => {
    expect(classifyClose(code).do).toBe(verdict);
  });

  it('waits longer when the server says that it is busy', () => {
    expect(classifyClose(1013)).toEqual({ do: 'retry', isBusy: true });
    expect(classifyClose(1006)).toEqual({ do: 'retry', isBusy: false });
  });

  it('agrees with the table that the server closes by', () => {
    const verdicts: Record<ErrorKind, CloseVerdict['do']> = {
      invalid: 'give-up',
      unauthenticated: 'sign-in',
      forbidden: 'give-up',
      'not-found': 'give-up',
      conflict: 'reload',
      'too-large': 'retry',
      'rate-limited': 'retry',
      cancelled: 'retry',
      internal: 'retry',
      unavailable: 'retry',
      timeout: 'retry',
    };
    for (const [kind, code] of Object.entries(closeCodeOf)) {
      expect([kind, classifyClose(code).do]).toEqual([kind, verdicts[kind as ErrorKind]]);
    }
  });
});
