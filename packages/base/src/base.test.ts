import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from './app-error.ts';
import { backoffMs } from './backoff.ts';
import { DisposableStore } from './disposable.ts';
import { Emitter } from './emitter.ts';
import { jsonEquals, type Json } from './json.ts';

const jsonValue: fc.Arbitrary<Json> = fc
  .jsonValue({ noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value)));

describe('DisposableStore', () => {
  it('ends what was born last first, and everything even when one end throws', () => {
    const ended: string[] = [];
    const store = new DisposableStore();
    store.add(() => ended.push('first'));
    store.add(() => {
      throw new Error('the second does not end well');
    });
    store.add({ dispose: () => ended.push('third') });
    expect(() => store.dispose()).toThrow('does not end well');
    expect(ended).toEqual(['third', 'first']);
  });

  it('ends at once what is added after the end', () => {
    const store = new DisposableStore();
    store.dispose();
    let ended = 0;
    store.add(() => ended++);
    store.dispose();
    expect(ended).toBe(1);
  });
});

describe('Emitter', () => {
  it('tells every listener although one throws, and a listener added meanwhile waits for the next event', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    emitter.on(() => {
      throw new Error('deaf');
    });
    emitter.on((n) => {
      heard.push(`b${n}`);
      if (n === 1) emitter.on((m) => heard.push(`c${m}`));
    });
    expect(() => emitter.emit(1)).toThrow('deaf');
    expect(() => emitter.emit(2)).toThrow('deaf');
    expect(heard).toEqual(['b1', 'b2', 'c2']);
  });

  it('forgets a listener that was disposed', () => {
    const emitter = new Emitter<void>();
    let heard = 0;
    emitter.on(() => heard++).dispose();
    emitter.emit();
    expect([heard, emitter.size]).toEqual([0, 0]);
  });
});

describe('jsonEquals', () => {
  it('is equality of meaning: keys in any order, nothing else', () => {
    expect(jsonEquals({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(jsonEquals({ a: 1 }, { a: 1, b: null })).toBe(false);
    expect(jsonEquals([1, 2], [2, 1])).toBe(false);
    expect(jsonEquals([], {})).toBe(false);
  });

  it('agrees with JSON text', () => {
    fc.assert(
      fc.property(jsonValue, jsonValue, (a, b) => {
        expect(jsonEquals(a, JSON.parse(JSON.stringify(a)))).toBe(true);
        if (JSON.stringify(a) === JSON.stringify(b)) expect(jsonEquals(a, b)).toBe(true);
      }),
    );
  });
});

describe('backoffMs', () => {
  it('grows to its ceiling and never passes it', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const ms = backoffMs(attempt, random, 250, 5_000);
        expect(ms).toBeGreaterThanOrEqual(125);
        expect(ms).toBeLessThanOrEqual(5_000);
      }),
    );
    expect(backoffMs(0, 0)).toBeLessThan(backoffMs(3, 0));
  });
});

describe('AppError', () => {
  it('keeps its cause and its code', () => {
    const cause = new Error('disk');
    const error = new AppError('file/disk-full', 'unavailable', 'The disk is full.', {
      cause,
      details: { path: 'a' },
    });
    expect([error.cause, error.code, error.details['path']]).toEqual([cause, 'file/disk-full', 'a']);
  });
});
