import { describe, expect, it } from 'vitest';
import type { KeyEvent } from './keys.ts';
import { type Bound, pressedCommand } from './pressed-command.ts';

function press(key: string, isCtrl = false): KeyEvent {
  return { key, code: '', ctrlKey: isCtrl, metaKey: false, altKey: false, shiftKey: false };
}
type Named = Bound & { readonly id: string };
const find = (commands: readonly Named[], pressed: readonly KeyEvent[], isText = false) =>
  pressedCommand(commands, pressed, isText, false)?.id;

describe('pressedCommand', () => {
  const remove: Named = { id: 'remove', keys: ['d d', 'Delete'] };
  const save: Named = { id: 'save', keys: ['$mod+s'] };

  it('waits for all strokes', () => {
    expect(find([remove], [press('d')])).toBeUndefined();
    expect(find([remove], [press('d'), press('d')])).toBe('remove');
    expect(find([remove], [press('d'), press('x'), press('d')])).toBeUndefined();
    expect(find([remove], [press('x'), press('Delete')])).toBe('remove');
  });

  it('leaves letters to text that is typed, but not chords', () => {
    expect(find([remove], [press('d'), press('d')], true)).toBeUndefined();
    expect(find([save], [press('s', true)], true)).toBe('save');
    expect(find([{ ...remove, worksInText: true }], [press('d'), press('d')], true)).toBe('remove');
  });

  it('lets the last registered win among those that can be done now', () => {
    const later: Named = { id: 'later', keys: ['$mod+s'] };
    expect(find([save, later], [press('s', true)])).toBe('later');
    expect(find([save, { ...later, when: () => false }], [press('s', true)])).toBe('save');
    expect(find([save, { ...later, isBoundElsewhere: true }], [press('s', true)])).toBe('save');
  });
});
