import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { clientOriginOf } from './client-origin.ts';

describe('clientOriginOf', () => {
  it('takes what the transaction says, and typing when it says nothing that a client may claim', () => {
    expect(clientOriginOf({ clientOrigin: 'paste' })).toBe('paste');
    expect(clientOriginOf({ clientOrigin: 'structure' })).toBe('structure');
    expect(clientOriginOf({ clientOrigin: 'restore' })).toBe('typing');
    expect(clientOriginOf({})).toBe('typing');
    expect(clientOriginOf(null)).toBe('typing');
    expect(clientOriginOf('paste')).toBe('typing');
  });

  it('knows an undo by its undo manager', () => {
    const doc = new Y.Doc();
    expect(clientOriginOf(new Y.UndoManager(doc.getMap('cells')))).toBe('undo');
  });
});
