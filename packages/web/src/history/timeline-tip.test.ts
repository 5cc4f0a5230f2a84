import { momentFlags } from '@cahier/core/history/timeline.ts';
import { describe, expect, it } from 'vitest';
import { TimeAxis } from './time-axis.ts';
import { spanWords, tipAt, type TipSource } from './timeline-tip.ts';

const noon = Date.UTC(2026, 2, 1, 12);
const axis = new TimeAxis(
  [
    [10, noon + 10_000, 0, 10, 0],
    [12, noon + 20_000, 1, 2, momentFlags.paste],
    [20, noon + 3 * 3_600_000, 0, 8, momentFlags.failedRun],
  ],
  noon,
);
const source: TipSource = {
  axis,
  authors: [
    { person: null, name: 'Ada', color: '#111111' },
    { person: null, name: 'Bert', color: '#222222' },
  ],
  pins: [{ seq: 10, kind: 'named', label: 'First', words: '“First”, named by Ada' }],
  flagged: (from, to) =>
    [
      { seq: 12, flags: momentFlags.paste },
      { seq: 20, flags: momentFlags.failedRun },
    ].filter(({ seq }) => seq > from && seq <= to),
  pasteAt: (seq) => (seq === 12 ? 'pasted 80 characters of cell 1' : null),
  now: noon + 5 * 3_600_000,
};
const at = (seq: number, reach = 50) => tipAt(source, axis.placeOfSeq(seq), reach);

describe('the timeline under the pointer', () => {
  it('says when and who, and what has a name', () => {
    expect(at(10).lines).toEqual(['“First”, named by Ada']);
    expect(at(10).head).toMatch(/ · Ada$/);
    expect(at(4).lines).toEqual([]);
  });

  it('says what a paste brought, and what failed', () => {
    expect(at(12)).toMatchObject({ lines: ['pasted 80 characters of cell 1'] });
    expect(at(12).head).toMatch(/ · Bert$/);
    expect(at(20).lines).toEqual(['a run failed']);
  });

  it('says how long nobody worked', () => {
    const place = axis.breaks[0]?.place ?? 0;
    expect(tipAt(source, place, 50)).toEqual({ head: 'Nobody worked here for 3 hours', lines: [] });
  });

  it.each([
    [20_000, '1 minute'],
    [80 * 60_000, '80 minutes'],
    [5 * 3_600_000, '5 hours'],
    [6 * 86_400_000, '6 days'],
  ])('%d ms are %s', (ms, words) => expect(spanWords(ms)).toBe(words));
});
