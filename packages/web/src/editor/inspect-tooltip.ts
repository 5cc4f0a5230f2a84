/** What the kernel knows about the name at the cursor, in a tooltip. A second Shift-Tab asks for more; typing closes it. */
import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { type Command, EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import { parseAnsi } from '../outputs/ansi.ts';
import { toCodePoints } from './code-points.ts';
import { inspectionText, type KernelAssist, within } from './kernel-assist.ts';

interface Inspection {
  readonly at: number;
  readonly text: string;
  readonly detail: 0 | 1;
}

const setInspection = StateEffect.define<Inspection | null>();

const inspectionField = StateField.define<Inspection | null>({
  create: () => null,
  update(inspection, transaction) {
    const effect = transaction.effects.findLast((e) => e.is(setInspection));
    if (effect?.is(setInspection)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : inspection;
  },
  provide: (field) => showTooltip.from(field, (inspection) => (inspection ? tooltipOf(inspection) : null)),
});

function tooltipOf(inspection: Inspection): Tooltip {
  return {
    pos: inspection.at,
    above: true,
    strictSide: false,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'cm-inspection';
      dom.role = 'status';
      for (const { text, style } of parseAnsi(inspection.text.trimEnd()).segments) {
        const piece = document.createElement('span');
        piece.textContent = text;
        if (typeof style.color === 'number') piece.style.color = `var(--ansi-${style.color})`;
        if (style.isBold) piece.style.fontWeight = '650';
        dom.append(piece);
      }
      return { dom };
    },
  };
}

const look = EditorView.baseTheme({
  '.cm-inspection': {
    maxWidth: 'min(46rem, 90vw)',
    maxHeight: '20rem',
    overflow: 'auto',
    padding: '0.6rem 0.8rem',
    whiteSpace: 'pre-wrap',
    font: '0.8125rem/1.5 var(--font-code)',
  },
});

export const inspectTooltip: Extension = [inspectionField, look];

const limitMs = 3_000;

/** Shift-Tab where there is a name; dedents where there is none (the command says no). */
export function inspectCommand(assist: KernelAssist): Command {
  return (view) => {
    if (!hasSomethingToInspect(view.state)) return false;
    const at = view.state.selection.main.head;
    const before = view.state.field(inspectionField, false);
    const detail = before?.at === at ? 1 : 0;
    const code = view.state.sliceDoc();
    void within(limitMs, assist.inspect(code, toCodePoints(code, at), detail)).then((reply) => {
      if (view.state.selection.main.head !== at || view.state.sliceDoc() !== code) return;
      const text =
        inspectionText(reply) ?? 'Nothing is known about this (yet). Run the cell that defines it.';
      view.dispatch({ effects: setInspection.of({ at, text, detail }) });
    });
    return true;
  };
}

export function closeInspection(view: EditorView): boolean {
  if (!view.state.field(inspectionField, false)) return false;
  view.dispatch({ effects: setInspection.of(null) });
  return true;
}

function hasSomethingToInspect(state: EditorState): boolean {
  const { main } = state.selection;
  const line = state.doc.lineAt(main.head);
  return main.empty && line.text.slice(0, main.head - line.from).trim() !== '';
}
