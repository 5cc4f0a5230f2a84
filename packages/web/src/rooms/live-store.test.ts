import { asCellId } from '@cahier/base/ids.ts';
import { emptyLiveNotebook, type LiveOp } from '@cahier/core/runs/live.ts';
import { describe, expect, it, vi } from 'vitest';
import { LiveStore } from './live-store.ts';

const a = asCellId('a');
const b = asCellId('b');
const running = (cell: typeof a): LiveOp => ({
  op: 'cell',
  cell,
  run: { state: 'running', executionCount: null },
});

describe('LiveStore', () => {
  it('tells a cell only of its own changes, and everybody of all', () => {
    const store = new LiveStore();
    const [onA, onB, onAny] = [vi.fn(), vi.fn(), vi.fn()];
    store.subscribeCell(a, onA);
    const stop = store.subscribeCell(b, onB);
    store.subscribe(onAny);
    expect(store.fold(0, [running(a)])).toBe(true);
    expect([onA, onB, onAny].map((f) => f.mock.calls.length)).toEqual([1, 0, 1]);
    stop();
    store.fold(1, [running(b)]);
    expect([onA, onB, onAny].map((f) => f.mock.calls.length)).toEqual([1, 0, 2]);
  });

  it('passes over what it has seen and says when something is missing', () => {
    const store = new LiveStore();
    expect(store.fold(0, [running(a)])).toBe(true);
    expect(store.fold(0, [running(a), running(b)])).toBe(true);
    expect(store.get().version).toBe(2);
    expect(store.get().cells[b]?.state).toBe('running');
    expect(store.fold(3, [running(a)])).toBe(false);
    expect(store.get().version).toBe(2);
    store.replace({ ...emptyLiveNotebook, version: 9 });
    expect(store.fold(9, [running(a)])).toBe(true);
    expect(store.get().version).toBe(10);
  });
});
