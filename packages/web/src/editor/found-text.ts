/** What a search over the whole notebook has found in one editor; the notebook searches, the editor only marks. */
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';

export interface FoundRange {
  readonly from: number;
  readonly to: number;
  /** The one that is looked at: it is brought into view. */
  readonly isCurrent: boolean;
}

const setFound = StateEffect.define<readonly FoundRange[]>();
const mark = Decoration.mark({ class: 'cm-searchMatch' });
const currentMark = Decoration.mark({ class: 'cm-searchMatch cm-searchMatch-selected' });

const foundField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    const effect = transaction.effects.findLast((e) => e.is(setFound));
    if (!effect?.is(setFound)) return decorations.map(transaction.changes);
    const { length } = transaction.newDoc;
    return Decoration.set(
      effect.value
        .filter(({ from, to }) => from < to && to <= length)
        .map(({ from, to, isCurrent }) => (isCurrent ? currentMark : mark).range(from, to)),
      true,
    );
  },
  provide: (field) => EditorView.decorations.from(field),
});

export const foundText: Extension = foundField;

/** Replaces the marks of this editor. */
export function showFound(view: EditorView, ranges: readonly FoundRange[]): void {
  const current = ranges.find(({ isCurrent }) => isCurrent);
  const isThere = current !== undefined && current.to <= view.state.doc.length;
  view.dispatch({
    effects: [
      setFound.of(ranges),
      // Bars stick to the top of the page: a line under them is not seen.
      ...(isThere ? [EditorView.scrollIntoView(current.from, { y: 'nearest', yMargin: 160 })] : []),
    ],
  });
}
