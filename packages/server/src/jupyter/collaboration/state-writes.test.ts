import { YNotebook } from '@jupyter/ydoc';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { StateWrites } from './state-writes.ts';

/** A shared notebook, and a JupyterLab that has synced with it. */
function shared() {
  const source = new YNotebook();
  source.addCell({ cell_type: 'code', source: 'x = 1', id: 'a' });
  source.setState('path', 'n.ipynb');
  const lab = new YNotebook();
  Y.applyUpdate(lab.ydoc, Y.encodeStateAsUpdate(source.ydoc));
  const updates: Uint8Array[] = [];
  lab.ydoc.on('update', (bytes: Uint8Array) => updates.push(bytes));
  return { doc: source.ydoc, lab, updates, writes: new StateWrites(source.ydoc) };
}

describe('writes of a client that may only look', () => {
  it('its own marks in `state` are harmless, again and again, though none of them was taken', () => {
    const { lab, updates, writes } = shared();
    const state = lab.ydoc.getMap('state');
    state.set('document_id', 'json:notebook:1');
    state.set('dirty', true);
    state.set('dirty', false);
    state.set('document_id', 'json:notebook:2');
    state.delete('path');
    expect(updates).toHaveLength(5);
    expect(updates.map((update) => writes.isHarmless(update))).toEqual([true, true, true, true, true]);
  });

  it('what it has from us anyway is harmless', () => {
    const { doc, writes } = shared();
    expect(writes.isHarmless(Y.encodeStateAsUpdate(doc))).toBe(true);
    expect(writes.isHarmless(Uint8Array.of(0, 0))).toBe(true);
  });

  it('every edit is one: text typed, deleted, cells added, moved, removed, metadata', () => {
    const edits: readonly ((lab: YNotebook) => void)[] = [
      (lab) => lab.cells[0]?.updateSource(1, 1, 'y'),
      (lab) => lab.cells[0]?.updateSource(0, 1, ''),
      (lab) => lab.cells[0]?.updateSource(0, 0, 'y'),
      (lab) => void lab.addCell({ cell_type: 'code', source: '', id: 'b' }),
      (lab) => lab.deleteCell(0),
      (lab) => lab.cells[0]?.setMetadata('k', 1),
      (lab) => void lab.ydoc.getMap('meta').set('nbformat', 4),
    ];
    for (const [i, edit] of edits.entries()) {
      const { lab, updates, writes } = shared();
      edit(lab);
      expect([i, updates.length > 0]).toEqual([i, true]);
      expect([i, updates.some((update) => !writes.isHarmless(update))]).toEqual([i, true]);
    }
  });

  it('an edit after harmless marks is still an edit; so is one in the same update', () => {
    const { lab, updates, writes } = shared();
    const state = lab.ydoc.getMap('state');
    state.set('dirty', 1);
    lab.ydoc.transact(() => {
      state.set('dirty', 2);
      lab.cells[0]?.updateSource(5, 5, '!');
    });
    expect(updates.map((update) => writes.isHarmless(update))).toEqual([true, false]);
  });

  it('damaged bytes are not harmless', () => {
    const { writes } = shared();
    expect(writes.isHarmless(Uint8Array.of(255, 255, 255))).toBe(false);
  });
});
