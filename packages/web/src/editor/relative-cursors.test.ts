import { asPersonId, asSessionId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { cursorsOf, presenceOf } from './relative-cursors.ts';

const person = { id: asPersonId('p'), name: 'Ada', color: '#08c' };
const peer = (state: object | null) => ({ session: asSessionId('s'), person, state });

describe('a cursor of somebody else', () => {
  it('stays at its character while others type before it', () => {
    const doc = new Y.Doc();
    const text = doc.getText('a');
    text.insert(0, 'hello world');
    const state = presenceOf(text, 6, 11);
    text.insert(0, '>> ');
    expect(cursorsOf([peer(state)], text)).toEqual([
      { session: 's', name: 'Ada', color: '#08c', anchor: 9, head: 14 },
    ]);
  });

  it('is not shown in another text, nor when it cannot be read', () => {
    const doc = new Y.Doc();
    const [a, b] = [doc.getText('a'), doc.getText('b')];
    a.insert(0, 'x');
    b.insert(0, 'y');
    const peers = [
      peer(presenceOf(a, 1, 1)),
      peer(null),
      peer({ head: 'no' }),
      peer({ head: '{}' }),
      peer({}),
    ];
    expect(cursorsOf(peers, b)).toEqual([]);
  });
});
