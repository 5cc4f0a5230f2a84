/**
 * Binds an editor to a Y.Text, both ways, without undo and without presence (those are the notebook's). A change that
 * comes from here is written with the origin that its kind deserves; a change from elsewhere is applied as it comes.
 */
import { Annotation, type Extension, Transaction } from '@codemirror/state';
import { type EditorView, ViewPlugin } from '@codemirror/view';
import type * as Y from 'yjs';
import { type LocalOrigin, pasting, typing } from './local-origin.ts';
import { changesOf } from './text-delta.ts';

/** Marks transactions that bring the shared text's changes into the editor. */
export const fromShared = Annotation.define<true>();

export function sharedText(text: Y.Text): Extension {
  return ViewPlugin.define((view) => {
    let isWriting = false;
    const observe = (event: Y.YTextEvent) => {
      if (isWriting) return;
      view.dispatch({
        changes: changesOf(event.delta),
        annotations: [fromShared.of(true), Transaction.addToHistory.of(false)],
      });
      repair(view, text);
    };
    text.observe(observe);
    return {
      update(update) {
        if (!update.docChanged || update.transactions.every((t) => t.annotation(fromShared))) return;
        isWriting = true;
        try {
          text.doc?.transact(() => {
            let shift = 0;
            update.changes.iterChanges((from, to, _fromB, _toB, inserted) => {
              const put = inserted.sliceString(0, undefined, '\n');
              if (to > from) text.delete(from + shift, to - from);
              if (put !== '') text.insert(from + shift, put);
              shift += put.length - (to - from);
            });
          }, originOf(update.transactions));
        } finally {
          isWriting = false;
        }
      },
      destroy: () => text.unobserve(observe),
    };
  });
}

function originOf(transactions: readonly Transaction[]): LocalOrigin {
  const isPaste = transactions.some((t) => t.isUserEvent('input.paste') || t.isUserEvent('input.drop'));
  return isPaste ? pasting : typing;
}

/** Should the two ever differ, the shared text is right. */
function repair(view: EditorView, text: Y.Text): void {
  if (view.state.doc.length === text.length) return;
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: text.toString() },
    annotations: [fromShared.of(true), Transaction.addToHistory.of(false)],
  });
}
