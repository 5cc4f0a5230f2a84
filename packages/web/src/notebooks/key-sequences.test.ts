import { describe, expect, it } from 'vitest';
import { KeySequences } from './key-sequences.ts';

const commands = [
  { id: 'delete', keys: ['d d'], mode: 'command' },
  { id: 'run', keys: ['Shift+Enter'], mode: 'both' },
  { id: 'all', keys: ['$mod+a'], mode: 'command' },
  { id: 'above', keys: ['a'], mode: 'command' },
  { id: 'paste-above', keys: ['Shift+v'], mode: 'command' },
  { id: 'paste', keys: ['v'], mode: 'command' },
  { id: 'save', keys: ['$mod+s', 's'], mode: 'both' },
  { id: 'split', keys: ['Ctrl+Shift+Minus'], mode: 'edit' },
] as const;

function keyboard(isMac = false) {
  const keys = new KeySequences(commands, isMac);
  let now = 0;
  return (key: string, mode: 'command' | 'edit' = 'command', event: object = {}, after = 100) => {
    now += after;
    const hit = keys.press(
      { key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...event },
      now,
      mode,
    );
    return hit === null || hit === 'waiting' ? hit : hit.id;
  };
}

describe('keys of the notebook', () => {
  it('delete only on the second d, in time', () => {
    const press = keyboard();
    expect([press('d'), press('d')]).toEqual(['waiting', 'delete']);
    expect([press('d'), press('d', 'command', {}, 1_500)]).toEqual(['waiting', 'waiting']);
  });

  it('do not count a d from before a deletion twice', () => {
    const press = keyboard();
    expect([press('d'), press('d'), press('d')]).toEqual(['waiting', 'delete', 'waiting']);
  });

  it('are forgotten when another key comes between', () => {
    const press = keyboard();
    expect([press('d'), press('q'), press('d')]).toEqual(['waiting', null, 'waiting']);
  });

  it('that type a character belong to the text in edit mode', () => {
    const press = keyboard();
    expect(press('s', 'edit')).toBeNull();
    expect(press('s')).toBe('save');
    expect(press('s', 'edit', { ctrlKey: true })).toBe('save');
  });

  it('belong to a mode', () => {
    const press = keyboard();
    expect(press('a', 'edit')).toBeNull();
    expect(press('a')).toBe('above');
    expect(press('Enter', 'edit', { shiftKey: true })).toBe('run');
    expect(press('Enter', 'command', { shiftKey: true })).toBe('run');
    expect(press('_', 'edit', { ctrlKey: true, shiftKey: true, code: 'Minus' })).toBe('split');
  });

  it('know the Mac', () => {
    expect(keyboard(true)('a', 'command', { metaKey: true })).toBe('all');
    expect(keyboard(false)('a', 'command', { ctrlKey: true })).toBe('all');
    expect(keyboard(false)('a', 'command', { metaKey: true })).toBeNull();
  });

  it('tell Shift-V from V', () => {
    const press = keyboard();
    expect(press('V', 'command', { shiftKey: true, code: 'KeyV' })).toBe('paste-above');
    expect(press('v', 'command', { code: 'KeyV' })).toBe('paste');
  });
});
