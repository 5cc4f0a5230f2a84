import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { AwarenessTable, decodeAwareness, encodeAwareness, longestState } from './awareness-table.ts';

const ada = {};
const adasTab = {};
const bert = {};
const state = (client: number, clock: number, name = 'x') => ({ client, clock, state: { name } });
const gone = (client: number, clock: number) => ({ client, clock, state: null });

describe('awareness', () => {
  it('is what y-protocols writes and reads', () => {
    const awareness = new Awareness(new Y.Doc());
    awareness.setLocalState({ user: { name: 'Zoë 📊' }, cursors: [] });
    const decoded = decodeAwareness(encodeAwarenessUpdate(awareness, [awareness.clientID]));
    expect(decoded).toEqual([{ client: awareness.clientID, clock: 1, state: awareness.getLocalState() }]);
    const other = new Awareness(new Y.Doc());
    applyAwarenessUpdate(other, encodeAwareness(decoded ?? []), null);
    expect(other.getStates().get(awareness.clientID)).toEqual(awareness.getLocalState());
    awareness.destroy();
    other.destroy();
  });

  it('what is damaged, no object, or too long is refused as a whole', () => {
    const whole = encodeAwareness([state(1, 1)]);
    for (let end = 0; end < whole.length; end += 1)
      expect(decodeAwareness(whole.subarray(0, end))).toBeNull();
    expect(decodeAwareness(encodeAwareness([{ ...state(1, 1, 'x'.repeat(longestState)) }]))).toBeNull();
  });

  it('echoes are no news; what is newer is', () => {
    const table = new AwarenessTable();
    expect(table.take(ada, 'ada', [state(1, 1)], 0)).toHaveLength(1);
    expect(table.take(ada, 'ada', [state(1, 1)], 0)).toEqual([]);
    expect(table.take(bert, 'bert', [state(1, 1)], 0)).toEqual([]);
    expect(table.take(ada, 'ada', [state(1, 2, 'moved')], 0)).toEqual([state(1, 2, 'moved')]);
    expect(table.take(ada, 'ada', [state(1, 1)], 0)).toEqual([]);
  });

  it('nobody speaks for somebody else', () => {
    const table = new AwarenessTable();
    table.take(ada, 'ada', [state(1, 1)], 0);
    expect(table.take(bert, 'bert', [state(1, 9, 'forged'), gone(1, 9)], 0)).toEqual([]);
    expect(table.all).toEqual([expect.objectContaining(state(1, 1))]);
  });

  it('whoever leaves is told as gone, once, and comes back with the clock they had', () => {
    const table = new AwarenessTable();
    table.take(ada, 'ada', [state(1, 4)], 0);
    expect(table.left(ada, 0)).toEqual([gone(1, 4)]);
    expect(table.left(ada, 0)).toEqual([]);
    // a late echo does not bring them back
    expect(table.take(bert, 'bert', [state(1, 4)], 0)).toEqual([]);
    expect(table.all).toEqual([]);
    expect(table.take(adasTab, 'ada', [state(1, 4)], 0)).toEqual([state(1, 4)]);
  });

  it('a tab that another tab of the same person told of stays when that one closes', () => {
    const table = new AwarenessTable();
    table.take(ada, 'ada', [state(2, 1)], 0);
    table.take(adasTab, 'ada', [state(2, 1)], 0);
    expect(table.left(ada, 0)).toEqual([]);
    expect(table.left(adasTab, 0)).toEqual([gone(2, 1)]);
  });

  it('whoever says nothing for long is gone', () => {
    const table = new AwarenessTable();
    table.take(ada, 'ada', [state(1, 1)], 100);
    table.take(bert, 'bert', [state(2, 1)], 200);
    expect(table.outdated(150, 300)).toEqual([gone(1, 1)]);
    expect(table.all.map(({ client }) => client)).toEqual([2]);
  });

  it('one socket cannot fill it', () => {
    const table = new AwarenessTable();
    const many = Array.from({ length: 1_000 }, (_, i) => state(i + 1, 1));
    expect(table.take(ada, 'ada', many, 0)).toHaveLength(64);
  });
});
