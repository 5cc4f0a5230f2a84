import { emptyLiveCell } from '@cahier/core/runs/live.ts';
import { describe, expect, it } from 'vitest';
import { duration, elapsed, failureWords, promptOf, stateWords } from './run-words.ts';

describe('a run in words', () => {
  it.each([
    [31, '0.03 s'],
    [2_440, '2.4 s'],
    [65_000, '1 min 05 s'],
    [7_400_000, '2 h 03 min'],
    [-5, '0.00 s'],
  ])('%d ms takes %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it('ticks in whole seconds', () => {
    expect(elapsed(999)).toBe('0 s');
    expect(elapsed(61_000)).toBe('1 min 01 s');
  });

  it('has the prompts that people know', () => {
    expect(promptOf(emptyLiveCell)).toBe('[ ]');
    expect(promptOf({ ...emptyLiveCell, state: 'running', executionCount: 3 })).toBe('[*]');
    expect(promptOf({ ...emptyLiveCell, state: 'done', executionCount: 3 })).toBe('[3]');
  });

  it('says the state', () => {
    expect(stateWords(emptyLiveCell, null)).toBe('not run');
    expect(stateWords({ ...emptyLiveCell, state: 'queued' }, 2)).toBe('waiting, place 2');
    expect(stateWords({ ...emptyLiveCell, state: 'failed', executionCount: 12 }, null)).toBe(
      'run 12, failed',
    );
    expect(failureWords({ ...emptyLiveCell, failure: 'kernel-died' })).toBe('The kernel died');
    expect(failureWords(emptyLiveCell)).toBeNull();
    const interrupt = { type: 'error', ename: 'KeyboardInterrupt', evalue: '', traceback: [] } as const;
    expect(failureWords({ ...emptyLiveCell, state: 'failed', outputs: [interrupt] })).toBe('Interrupted');
  });
});
