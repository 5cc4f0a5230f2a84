/**
 * Other people's cursors and selections in one editor. The notebook routes presence here by cell (presence-routing.ts);
 * nothing in here listens to the room. Names fade after two seconds and come back when the cursor moves or is hovered.
 */
import { type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';

export interface RemoteCursor {
  readonly session: string;
  readonly name: string;
  /** A CSS colour. */
  readonly color: string;
  readonly anchor: number;
  readonly head: number;
}

const setCursors = StateEffect.define<readonly RemoteCursor[]>();

class CaretWidget extends WidgetType {
  readonly cursor: RemoteCursor;

  constructor(cursor: RemoteCursor) {
    super();
    this.cursor = cursor;
  }

  override eq(other: CaretWidget): boolean {
    const [a, b] = [this.cursor, other.cursor];
    return a.session === b.session && a.head === b.head && a.name === b.name && a.color === b.color;
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement('span');
    caret.className = 'cm-peer';
    caret.style.setProperty('--peer', this.cursor.color);
    caret.ariaHidden = 'true';
    const name = document.createElement('span');
    name.className = 'cm-peer-name';
    name.textContent = this.cursor.name;
    // A word joiner keeps the caret from making a line break of its own.
    caret.append('\u2060', name, '\u2060');
    return caret;
  }

  override get estimatedHeight(): number {
    return -1;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

const cursorField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    const mapped = decorations.map(transaction.changes);
    const effect = transaction.effects.findLast((e) => e.is(setCursors));
    return effect?.is(setCursors) ? decorationsOf(effect.value, transaction.newDoc.length) : mapped;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function decorationsOf(cursors: readonly RemoteCursor[], length: number): DecorationSet {
  const ranges = cursors.flatMap((cursor) => {
    const head = Math.min(cursor.head, length);
    const anchor = Math.min(cursor.anchor, length);
    const caret = Decoration.widget({ widget: new CaretWidget(cursor), side: head >= anchor ? -1 : 1 }).range(
      head,
    );
    if (head === anchor) return [caret];
    const tint = Decoration.mark({
      class: 'cm-peer-selection',
      attributes: { style: `--peer: ${cursor.color}` },
    }).range(Math.min(head, anchor), Math.max(head, anchor));
    return [tint, caret];
  });
  return Decoration.set(ranges, true);
}

const look = EditorView.baseTheme({
  '.cm-peer': {
    position: 'relative',
    borderInlineStart: '2px solid var(--peer)',
    marginInline: '-1px',
    pointerEvents: 'auto',
  },
  '.cm-peer-name': {
    position: 'absolute',
    insetBlockEnd: '100%',
    insetInlineStart: '-2px',
    zIndex: '20',
    padding: '1px 6px',
    borderRadius: '5px 5px 5px 0',
    background: 'var(--peer)',
    color: '#fff',
    font: '600 11px/1.4 var(--font-text)',
    whiteSpace: 'nowrap',
    pointerEvents: 'none',
    userSelect: 'none',
    opacity: '0',
    animation: 'cm-peer-fade 2.4s ease-out',
  },
  '.cm-peer:hover .cm-peer-name': { opacity: '1', animation: 'none' },
  '.cm-peer-selection': { backgroundColor: 'color-mix(in srgb, var(--peer) 26%, transparent)' },
  '@keyframes cm-peer-fade': { '0%, 83%': { opacity: '1' }, '100%': { opacity: '0' } },
});

export const remoteCursors: Extension = [cursorField, Prec.low(look)];

/** Replaces what is shown of the others in this editor. */
export function showCursors(view: EditorView, cursors: readonly RemoteCursor[]): void {
  view.dispatch({ effects: setCursors.of(cursors) });
}
