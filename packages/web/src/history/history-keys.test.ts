import { describe, expect, it } from 'vitest';
import { actionOf, type Pressed } from './history-keys.ts';

const press = (key: string, held: Partial<Pressed> = {}) =>
  actionOf({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...held });

describe('keys of the history', () => {
  it('walk by step, burst and run', () => {
    expect(press('ArrowLeft')).toEqual({ go: 'step', by: -1 });
    expect(press('ArrowRight', { shiftKey: true })).toEqual({ go: 'burst', by: 1 });
    expect(press('ArrowRight', { altKey: true })).toEqual({ go: 'run', by: 1 });
    expect(press('E', { shiftKey: true })).toEqual({ go: 'error', by: -1 });
    expect(press(']')).toEqual({ go: 'author', by: 1 });
  });

  it('leave the browser its own', () => {
    expect(press('c', { ctrlKey: true })).toBeNull();
    expect(press('ArrowLeft', { metaKey: true })).toBeNull();
    expect(press('Tab')).toBeNull();
  });
});
