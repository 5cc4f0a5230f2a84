import { Text } from '@codemirror/state';
import { ChangeSet } from '@codemirror/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { changesOf } from './text-delta.ts';

describe('a change of a shared text', () => {
  it('means the same in the editor, whatever was done', () => {
    const operation = fc.record({ at: fc.nat(30), drop: fc.nat(5), put: fc.string({ maxLength: 4 }) });
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 20 }),
        fc.array(operation, { minLength: 1, maxLength: 6 }),
        (start, operations) => {
          const text = new Y.Doc().getText('t');
          text.insert(0, start);
          let seen = text.toString();
          text.observe((event) => {
            const before = Text.of(seen.split('\n'));
            seen = ChangeSet.of(changesOf(event.delta), before.length, '\n')
              .apply(before)
              .sliceString(0, undefined, '\n');
          });
          text.doc?.transact(() => {
            for (const { at, drop, put } of operations) {
              const from = Math.min(at, text.length);
              text.delete(from, Math.min(drop, text.length - from));
              text.insert(from, put);
            }
          });
          expect(seen).toBe(text.toString());
        },
      ),
    );
  });
});
