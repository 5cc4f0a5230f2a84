import { asBlobHash, asCellId, asRunId } from '@cahier/base/ids.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSteps, unpackSteps } from './codec.ts';
import type { Change, Step } from './step.ts';

const cell = fc.constantFrom('a', 'b', 'a very long id of a cell').map(asCellId);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud83d', '\ude00', '👩‍💻', '\u0000"'),
);
const count = fc.integer({ min: 1, max: 2 ** 31 });
const part = fc.oneof(
  count,
  text.filter((value) => value !== ''),
  count.map((d) => ({ d })),
);
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ c: fc.constant('text' as const), cell, delta: fc.array(part, { minLength: 1, maxLength: 4 }) }),
  fc.record({ c: fc.constant('cell-' as const), cell }),
  fc.record({ c: fc.constant('meta' as const), key: text, value: json }),
  fc.record({ c: fc.constant('meta' as const), key: text }),
  fc.record({ c: fc.constant('mark' as const), mark: fc.constant('named' as const), text }),
  fc.record({
    c: fc.constant('run' as const),
    cell,
    run: fc.constantFrom(null, asRunId('r')),
    state: fc.constant('done' as const),
    count: fc.constantFrom(null, 3),
    startedAt: fc.constantFrom(null, 3.5),
    outputs: fc.constant(asBlobHash('ab')),
  }),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    seq: fc.integer({ min: 0, max: 2 ** 40 }),
    at: fc.integer({ min: -5, max: 2 ** 45 }),
    author: fc.nat(1_000),
    origin: fc.constantFrom(
      'typing',
      'paste',
      'structure',
      'undo',
      'offline',
      'run',
      'restore',
      'disk',
      'import',
      'api',
    ),
    changes: fc.array(change, { maxLength: 3 }),
  }),
);

describe('codec of steps', () => {
  it('gives back what was packed', () => {
    const property = fc.property(steps, (given) => {
      expect(unpackSteps(packSteps(given))).toEqual(given);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('an insertion in the middle of typing keeps its place', () => {
    const typed = (seq: number, ...delta: (number | string | { d: number })[]): Step => ({
      seq,
      at: seq,
      author: 0,
      origin: 'typing',
      changes: [{ c: 'text', cell: asCellId('a'), delta }],
    });
    const given = [
      typed(1, 'ab'),
      typed(2, 2, 'c'),
      typed(3, { d: 1 }),
      typed(4, 1, { d: 1 }),
      typed(5, 1, 'x'),
    ];
    expect(unpackSteps(packSteps(given))).toEqual(given);
  });

  it('refuses bytes that are cut short or of another version', () => {
    const bytes = packSteps([{ seq: 1, at: 1, author: 0, origin: 'typing', changes: [] }]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => unpackSteps(bytes.subarray(0, length))).toThrow();
    }
    expect(() => unpackSteps(Uint8Array.of(9, ...bytes.subarray(1)))).toThrow(RangeError);
  });
});
