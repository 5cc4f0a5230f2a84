import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moved, TimeAxis, withInView, zoomed } from './time-axis.ts';
import type { MomentRow } from './timeline-words.ts';

const hour = 3_600_000;
/** Ten steps in a second, a pause of a minute, ten more; then a night. */
const moments: MomentRow[] = [
  [10, 1_000, 0, 10, 0],
  [20, 62_000, 0, 10, 0],
  [30, 10 * hour, 1, 10, 0],
];

describe('TimeAxis', () => {
  const axis = new TimeAxis(moments, 0);

  it('folds a night, and says how long it was', () => {
    expect(axis.breaks).toHaveLength(1);
    expect(axis.breaks[0]?.idleMs).toBe(10 * hour - 62_000 - 4_000);
    expect(axis.length).toBeLessThan(100_000);
  });

  it('leaves a short pause as it is', () => {
    expect(axis.placeOfSeq(20) - axis.placeOfSeq(10)).toBe(61_000);
  });

  it('lets time go on in a short pause, and tells when work went on after a folded one', () => {
    const end = axis.placeOfSeq(10);
    expect([1, 20_000, 50_000].map((ms) => axis.timeAt(end + ms))).toEqual([1_001, 21_000, 51_000]);
    expect(axis.timeAt(axis.breaks[0]?.place ?? 0)).toBe(10 * hour - 4_000);
  });

  it('finds the last step at a time, also in a pause', () => {
    expect(axis.seqAtTime(1_000)).toBe(10);
    expect(axis.seqAtTime(30_000)).toBe(10);
    expect(axis.seqAtTime(5 * hour)).toBe(20);
    expect(axis.seqAtTime(11 * hour)).toBe(30);
    expect(axis.seqAtTime(-5)).toBe(1);
  });

  it('places the steps of one piece of work by their count, however far apart their numbers are', () => {
    const seqs = [140, 150, 161, 900, 905, 910, 915];
    const rows: MomentRow[] = [
      [161, 3_000, 0, 3, 0],
      [915, 90_000, 0, 4, 0],
    ];
    const own = new TimeAxis(rows, 1_000, seqs);
    const places = seqs.map((seq) => own.placeOfSeq(seq));
    expect(places.slice(0, 3).map((place) => Math.round(place))).toEqual([667, 1_333, 2_000]);
    // 1.6 s for four steps, evenly.
    expect(places.slice(3).map((place) => Math.round(place))).toEqual([87_800, 88_200, 88_600, 89_000]);
    expect(places.map((place) => own.seqAt(place))).toEqual(seqs);
    expect(own.seqAtTime(40_000)).toBe(161);
  });

  it('grows with the steps and finds each of them again, whatever the clock did', () => {
    const row = fc.record({
      steps: fc.integer({ min: 1, max: 200 }),
      wait: fc.integer({ min: -5_000, max: 4 * hour }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        let [seq, at] = [0, 1_000_000];
        const made = rows.map(({ steps, wait }): MomentRow => {
          seq += steps;
          at += wait;
          return [seq, at, 0, steps, 0];
        });
        const own = new TimeAxis(made, 1_000_000);
        let last = 0;
        for (let n = 1; n <= seq; n++) {
          const place = own.placeOfSeq(n);
          expect(place).toBeGreaterThanOrEqual(last);
          if (place > last) expect(own.placeOfSeq(own.seqAt(place))).toBeCloseTo(place, 3);
          last = place;
        }
        expect(own.length).toBeGreaterThanOrEqual(last);
      }),
    );
  });

  it('stands on nothing without throwing', () => {
    const empty = new TimeAxis([], 0);
    expect([empty.placeOfSeq(3), empty.seqAt(4), empty.timeAt(1), empty.seqAtTime(9)]).toEqual([0, 0, 0, 0]);
  });
});

describe('the view', () => {
  it('zooms around a place, never beyond all or closer than seconds', () => {
    const closer = zoomed({ from: 0, to: 100_000 }, 0.5, 25_000, 100_000);
    expect(closer).toEqual({ from: 12_500, to: 62_500 });
    expect(zoomed(closer, 100, 25_000, 100_000)).toEqual({ from: 0, to: 100_000 });
    const least = zoomed(closer, 0.000_1, 25_000, 100_000);
    expect(least.to - least.from).toBeCloseTo(4_000);
  });

  it('moves within what there is, and as far as needed', () => {
    expect(moved({ from: 10, to: 20 }, -50, 100)).toEqual({ from: 0, to: 10 });
    expect(withInView({ from: 10, to: 20 }, 15, 100)).toEqual({ from: 10, to: 20 });
    const after = withInView({ from: 10, to: 20 }, 50, 100);
    expect(after.from).toBeLessThan(50);
    expect(after.to).toBeGreaterThan(50);
  });
});
