import { describe, expect, it } from 'vitest';
import { estimatedHeight, outputsHeight } from './cell-height.ts';

describe('the height of a cell that was never drawn', () => {
  it('grows with its lines', () => {
    expect(estimatedHeight('code', 'a\nb\nc', [])).toBeGreaterThan(estimatedHeight('code', 'a', []));
  });

  it('counts what its outputs show, not what they hold', () => {
    const long = { type: 'stream', name: 'stdout', text: 'x\n'.repeat(100_000) } as const;
    expect(outputsHeight([long])).toBeLessThan(2_500);
    const picture = (height?: number) =>
      ({
        type: 'display_data',
        data: { 'image/png': 'A' },
        metadata: height ? { 'image/png': { height } } : {},
      }) as const;
    expect(outputsHeight([picture(100)])).toBe(100);
    expect(outputsHeight([picture()])).toBeGreaterThan(100);
  });
});
