import { describe, expect, it } from 'vitest';
import { type KeyEvent, keyCaps, matches, parseKeys } from './keys.ts';

function press(key: string, held: string[] = [], code = ''): KeyEvent {
  return {
    key,
    code,
    ctrlKey: held.includes('ctrl'),
    metaKey: held.includes('meta'),
    altKey: held.includes('alt'),
    shiftKey: held.includes('shift'),
  };
}
const first = (keys: string, isMac = false) => {
  const [stroke] = parseKeys(keys, isMac);
  if (!stroke) throw new Error('no stroke');
  return stroke;
};

describe('key bindings', () => {
  it('mean Ctrl, and Cmd on a Mac', () => {
    expect(matches(first('$mod+k'), press('k', ['ctrl']))).toBe(true);
    expect(matches(first('$mod+k'), press('k', ['meta']))).toBe(false);
    expect(matches(first('$mod+k', true), press('k', ['meta']))).toBe(true);
    expect(matches(first('$mod+k', true), press('k', ['ctrl']))).toBe(false);
  });

  it('tell Shift apart for letters, but not for signs that need it', () => {
    expect(matches(first('m'), press('M', ['shift']))).toBe(false);
    expect(matches(first('Shift+M'), press('M', ['shift']))).toBe(true);
    expect(matches(first('?'), press('?', ['shift']))).toBe(true);
    expect(matches(first('Shift+Enter'), press('Enter', ['shift']))).toBe(true);
    expect(matches(first('Enter'), press('Enter', ['shift']))).toBe(false);
  });

  it('find the letter on a keyboard of another script when a modifier is held', () => {
    expect(matches(first('$mod+Shift+p'), press('З', ['ctrl', 'shift'], 'KeyP'))).toBe(true);
    expect(matches(first('p'), press('з', [], 'KeyP'))).toBe(false);
  });

  it('can be several strokes', () => {
    expect(parseKeys('d d', false).map((stroke) => stroke.key)).toEqual(['d', 'd']);
    expect(keyCaps('d d', false)).toEqual([['D'], ['D']]);
  });

  it('are shown as on the keyboard', () => {
    expect(keyCaps('$mod+Shift+p', false)).toEqual([['Ctrl', 'Shift', 'P']]);
    expect(keyCaps('$mod+Shift+p', true)).toEqual([['⇧', '⌘', 'P']]);
    expect(keyCaps('Ctrl+Enter', false)).toEqual([['Ctrl', 'Enter']]);
  });
});
