import type { Json, JsonObject } from '@cahier/base/json.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergedConfig } from './config-merge.ts';

const { object } = fc.letrec<{ json: Json; object: JsonObject }>((tie) => ({
  json: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string({ maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('json'), { maxKeys: 3 }),
}));

describe('a change of the configuration', () => {
  it('merges objects, deletes by null, and drops what becomes empty', () => {
    const before = { a: { x: 1, y: { z: 2 } }, b: [1, 2] };
    expect(mergedConfig(before, { a: { y: { z: null } }, c: 'new' })).toEqual({
      a: { x: 1 },
      b: [1, 2],
      c: 'new',
    });
    expect(mergedConfig(before, { a: { x: null, y: null } })).toEqual({ b: [1, 2] });
    expect(mergedConfig(before, { b: [3], a: 7 })).toEqual({ a: 7, b: [3] });
    expect(mergedConfig({ a: 7 }, { a: { x: 1 } })).toEqual({ a: { x: 1 } });
  });

  it('made twice is the same as once, leaves what it does not name, and touches no prototype', () => {
    fc.assert(
      fc.property(object, object, (before, change) => {
        const once = mergedConfig(before, change);
        expect(mergedConfig(once, change)).toEqual(once);
        for (const key of Object.keys(before)) {
          if (!Object.hasOwn(change, key)) expect(once[key]).toEqual(before[key]);
        }
        expect(Object.getPrototypeOf(once)).toBe(Object.prototype);
      }),
    );
  });
});
