import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { placementOf } from './placement.ts';

function written(edits: (text: Y.Text) => void): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (bytes: Uint8Array) => updates.push(bytes));
  edits(doc.getText('t'));
  return { doc, updates };
}

function at(updates: readonly Uint8Array[], index: number): Uint8Array {
  const bytes = updates[index];
  if (!bytes) throw new Error(`there is no update ${index}`);
  return bytes;
}

function known(updates: readonly Uint8Array[]): (client: number) => number {
  const doc = new Y.Doc();
  for (const bytes of updates) Y.applyUpdate(doc, bytes);
  return (client) => Y.getState(doc.store, client);
}

describe('placement of an update', () => {
  const { updates } = written((text) => {
    text.insert(0, 'ab');
    text.insert(1, 'x');
    text.delete(0, 1);
  });

  it('is placeable after all before it, and again', () => {
    for (const [i, bytes] of updates.entries()) {
      expect(placementOf(bytes, known(updates.slice(0, i))).is).toBe('placeable');
      expect(placementOf(bytes, known(updates)).is).toBe('placeable');
    }
    const [first] = updates;
    if (!first) throw new Error('no update');
    const placement = placementOf(first, () => 0);
    expect(placement.is === 'placeable' && [...placement.ends.values()]).toEqual([2]);
  });

  it('is a gap when text or a deletion builds on what is missing', () => {
    expect(placementOf(at(updates, 1), known([])).is).toBe('gap');
    expect(placementOf(at(updates, 2), known([])).is).toBe('gap');
  });

  it('is a gap when somebody else’s text before it is missing', () => {
    const other = new Y.Doc();
    Y.applyUpdate(other, at(updates, 0));
    let made: Uint8Array = new Uint8Array(0);
    other.on('update', (bytes: Uint8Array) => {
      made = bytes;
    });
    other.getText('t').insert(1, 'y');
    expect(placementOf(made, known([])).is).toBe('gap');
    expect(placementOf(made, known(updates.slice(0, 1))).is).toBe('placeable');
  });

  it('is a gap when the update itself has a hole', () => {
    const holed = Y.mergeUpdates([at(updates, 0), at(written((text) => text.insert(0, 'z')).updates, 0)]);
    expect(placementOf(holed, known([])).is).toBe('placeable');
    const more = written((text) => {
      text.insert(0, 'a');
      text.insert(1, 'b');
      text.insert(2, 'c');
    }).updates;
    expect(placementOf(Y.mergeUpdates([at(more, 0), at(more, 2)]), known([])).is).toBe('gap');
  });

  it('is malformed when it is no update', () => {
    expect(placementOf(Uint8Array.of(1, 2, 3), known([])).is).toBe('malformed');
    expect(placementOf(at(updates, 0).slice(0, -2), known([])).is).toBe('malformed');
    expect(placementOf(new Uint8Array(0), known([])).is).toBe('malformed');
  });

  it('is malformed when its text hangs on itself', () => {
    // One client, one item of clock 0: "!" with itself as left origin.
    const hanging = Uint8Array.of(1, 1, 1, 0, 0x84, 1, 0, 1, 33, 0);
    expect(placementOf(hanging, known([])).is).toBe('malformed');
  });
});
