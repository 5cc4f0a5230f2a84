/**
 * One CodeMirror editor on a shared text. This file and what it imports are the editor chunk: it is imported lazily, so
 * that a notebook is readable before a single editor exists. It owns no undo and no presence; both belong to its owner.
 */
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
  currentCompletions,
  startCompletion,
} from '@codemirror/autocomplete';
import {
  copyLineDown,
  defaultKeymap,
  deleteLine,
  indentLess,
  indentMore,
  insertTab,
  redoSelection,
  toggleComment,
  undoSelection,
  history,
} from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorSelection, EditorState, type Extension, Prec } from '@codemirror/state';
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
  rectangularSelection,
  tooltips,
} from '@codemirror/view';
import type * as Y from 'yjs';
import { type FoundRange, foundText, showFound } from './found-text.ts';
import { closeInspection, inspectCommand, inspectTooltip } from './inspect-tooltip.ts';
import { type KernelAssist, kernelCompletion } from './kernel-assist.ts';
import { loadLanguage } from './language.ts';
import { codeLook } from './look.ts';
import { type RemoteCursor, remoteCursors, showCursors } from './remote-cursors.ts';
import { sharedText } from './shared-text.ts';

export type { RemoteCursor } from './remote-cursors.ts';

export interface CodeEditorOptions {
  readonly parent: HTMLElement;
  readonly text: Y.Text;
  readonly language: string | null;
  /** For screen readers. */
  readonly label: string;
  readonly isReadOnly: boolean;
  readonly hasLineNumbers: boolean;
  readonly isWrapped: boolean;
  readonly hasSearch: boolean;
  /** Is it one stop of the Tab order? Cells are not: the notebook is. */
  readonly isTabStop: boolean;
  readonly placeholder?: string;
  readonly assist?: KernelAssist;
  undo(): void;
  redo(): void;
  /** Files were pasted (without a text beside them) or dropped, at the cursor. True: they were taken. */
  onFiles?(files: readonly File[]): boolean;
  /** The owner's keys come before the editor's, but after an open list of completions. */
  onKey?(event: KeyboardEvent): boolean;
  /** Selection changed or the focus came or went. */
  onSelection(anchor: number, head: number, hasFocus: boolean): void;
}

export interface CodeEditor {
  readonly view: EditorView;
  /** UTF-16 offsets of all cursors. */
  cursors(): number[];
  /** Empty when nothing is selected. */
  selectedText(): string;
  isAtFirstLine(): boolean;
  isAtLastLine(): boolean;
  focus(at?: 'start' | 'end'): void;
  select(anchor: number, head: number): void;
  showPeers(cursors: readonly RemoteCursor[]): void;
  showFound(ranges: readonly FoundRange[]): void;
  setLanguage(language: string | null): void;
  setReadOnly(isReadOnly: boolean): void;
  setLineNumbers(isOn: boolean): void;
  setLabel(label: string): void;
  dispose(): void;
}

export function createCodeEditor(options: CodeEditorOptions): CodeEditor {
  const language = new Compartment();
  const readOnly = new Compartment();
  const numbers = new Compartment();
  const label = new Compartment();
  let wantedLanguage: string | null = null;

  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: options.text.toString(),
      extensions: [
        // Offsets of the shared text and of the editor must be the same: a carriage return is a character.
        EditorState.lineSeparator.of('\n'),
        EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n')),
        Prec.highest(keymap.of([{ key: 'Escape', run: closeInspection }])),
        Prec.high(keymap.of([{ any: (_, event) => options.onKey?.(event) ?? false }])),
        keysOf(options),
        filesOf(options),
        language.of([]),
        readOnly.of(readOnlyOf(options.isReadOnly)),
        numbers.of(numbersOf(options.hasLineNumbers)),
        label.of(labelOf(options.label)),
        EditorState.allowMultipleSelections.of(true),
        EditorState.tabSize.of(4),
        indentUnit.of('    '),
        // The editor's history knows selections only: text is undone by the owner.
        history({ newGroupDelay: 0, minDepth: 1 }),
        highlightSpecialChars(),
        drawSelection(),
        dropCursor(),
        rectangularSelection(),
        crosshairCursor(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightSelectionMatches({ minSelectionLength: 2 }),
        options.isWrapped ? [EditorView.lineWrapping, unclipped] : [],
        options.hasSearch ? search({ top: true }) : [],
        options.placeholder === undefined ? [] : placeholder(options.placeholder),
        tooltips({ parent: document.body }),
        completionOf(options.assist),
        options.assist ? inspectTooltip : [],
        codeLook,
        remoteCursors,
        foundText,
        sharedText(options.text),
        EditorView.contentAttributes.of({
          tabindex: options.isTabStop ? '0' : '-1',
          translate: 'no',
          autocapitalize: 'off',
          spellcheck: 'false',
        }),
        EditorView.updateListener.of((update) => {
          if (!update.selectionSet && !update.focusChanged && !update.docChanged) return;
          const { anchor, head } = update.state.selection.main;
          options.onSelection(anchor, head, update.view.hasFocus);
        }),
      ],
    }),
  });

  const setLanguage = (name: string | null) => {
    wantedLanguage = name;
    void loadLanguage(name).then((extension) => {
      if (wantedLanguage === name) view.dispatch({ effects: language.reconfigure(extension ?? []) });
    });
  };
  setLanguage(options.language);

  return {
    view,
    cursors: () => view.state.selection.ranges.map((range) => range.head),
    selectedText: () => {
      const { from, to } = view.state.selection.main;
      return view.state.sliceDoc(from, to);
    },
    isAtFirstLine: () => isAtEdge(view, false),
    isAtLastLine: () => isAtEdge(view, true),
    focus: (at) => {
      if (at)
        view.dispatch({ selection: EditorSelection.cursor(at === 'start' ? 0 : view.state.doc.length) });
      view.focus();
    },
    select: (anchor, head) => {
      const length = view.state.doc.length;
      view.dispatch({ selection: { anchor: Math.min(anchor, length), head: Math.min(head, length) } });
    },
    showPeers: (cursors) => showCursors(view, cursors),
    showFound: (ranges) => showFound(view, ranges),
    setLanguage,
    setReadOnly: (isOn) => view.dispatch({ effects: readOnly.reconfigure(readOnlyOf(isOn)) }),
    setLineNumbers: (isOn) => view.dispatch({ effects: numbers.reconfigure(numbersOf(isOn)) }),
    setLabel: (text) => view.dispatch({ effects: label.reconfigure(labelOf(text)) }),
    dispose: () => {
      wantedLanguage = null;
      view.destroy();
    },
  };
}

/** Wrapped text needs no scroll box of its own, and without one the names of others' cursors are not cut off. */
const unclipped = EditorView.theme({ '.cm-scroller': { overflow: 'visible !important' } });

/** Does another press of the arrow leave the editor? Wrapped lines count as the reader sees them. */
function isAtEdge(view: EditorView, isForward: boolean): boolean {
  const { main } = view.state.selection;
  if (!main.empty || view.state.selection.ranges.length > 1 || completionStatus(view.state) !== null)
    return false;
  return view.moveVertically(main, isForward).head === (isForward ? view.state.doc.length : 0)
    ? sameVisualLine(view, main.head, isForward ? view.state.doc.length : 0)
    : false;
}

function sameVisualLine(view: EditorView, a: number, b: number): boolean {
  const [first, second] = [view.coordsAtPos(a), view.coordsAtPos(b)];
  if (!first || !second) return view.state.doc.lineAt(a).number === view.state.doc.lineAt(b).number;
  return Math.abs(first.top - second.top) < 4;
}

function readOnlyOf(isReadOnly: boolean): Extension {
  return isReadOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(true)] : [];
}

function numbersOf(isOn: boolean): Extension {
  return isOn ? [lineNumbers(), highlightActiveLineGutter()] : [];
}

function labelOf(label: string): Extension {
  return EditorView.contentAttributes.of({ 'aria-label': label });
}

function filesOf({ onFiles }: CodeEditorOptions): Extension {
  if (!onFiles) return [];
  const take = (event: Event, from: DataTransfer | null) => {
    const isTaken = from !== null && from.files.length > 0 && onFiles([...from.files]);
    if (isTaken) event.preventDefault();
    return isTaken;
  };
  return EditorView.domEventHandlers({
    // A table or a text that is copied comes with a picture of itself: the text is meant.
    paste: (event) =>
      event.clipboardData?.types.includes('text/plain') !== true && take(event, event.clipboardData),
    drop: (event, view) => {
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
      if (at !== null && event.dataTransfer?.files.length) view.dispatch({ selection: { anchor: at } });
      return take(event, event.dataTransfer);
    },
  });
}

/** CodeMirror's own keys of the list, but for Escape. */
const completionKeys = completionKeymap.map((binding) =>
  binding.key === 'Escape' ? { ...binding, run: closeShownCompletion } : binding,
);

function completionOf(assist: KernelAssist | undefined): Extension {
  return [
    Prec.highest(keymap.of(completionKeys)),
    autocompletion({
      defaultKeymap: false,
      activateOnTypingDelay: 150,
      maxRenderedOptions: 80,
      ...(assist ? { override: [kernelCompletion(assist)] } : {}),
    }),
  ];
}

function keysOf(options: CodeEditorOptions): Extension {
  const { assist } = options;
  const undo = () => {
    options.undo();
    return true;
  };
  const redo = () => {
    options.redo();
    return true;
  };
  return [
    keymap.of([
      { key: 'Tab', run: acceptCompletion },
      { key: 'Tab', run: tab(assist !== undefined) },
      { key: 'Shift-Tab', run: (view) => (assist ? inspectCommand(assist)(view) : false) },
      { key: 'Shift-Tab', run: indentLess },
      { key: 'Ctrl-Space', run: startCompletion },
      { key: 'Mod-z', run: undo, shift: redo, preventDefault: true },
      { key: 'Ctrl-y', run: redo, preventDefault: true },
      { key: 'Mod-u', run: undoSelection, preventDefault: true },
      { key: 'Alt-u', run: redoSelection, preventDefault: true },
      { key: 'Mod-/', run: toggleComment },
      { key: 'Mod-]', run: indentMore },
      { key: 'Mod-[', run: indentLess },
      { key: 'Mod-d', run: deleteLine, preventDefault: true },
      { key: 'Mod-Shift-k', run: deleteLine },
      { key: 'Shift-Alt-ArrowDown', run: copyLineDown },
      ...closeBracketsKeymap,
      ...(options.hasSearch ? searchKeymap : []),
      ...defaultKeymap,
    ]),
  ];
}

/** A list that is shown takes the Escape; one that is only being asked for is dropped, and the Escape leaves the editor. */
function closeShownCompletion(view: EditorView): boolean {
  const isShown = currentCompletions(view.state).length > 0;
  return closeCompletion(view) && isShown;
}

/** At text: complete. With a selection: indent. At the start of a line: to the next stop. */
function tab(hasKernel: boolean) {
  return (view: EditorView): boolean => {
    const { main } = view.state.selection;
    if (!main.empty) return indentMore(view);
    const line = view.state.doc.lineAt(main.head);
    const isAtText = /[\w.)\]"'/%]$/.test(view.state.sliceDoc(line.from, main.head));
    if (isAtText && hasKernel) return startCompletion(view);
    const column = main.head - line.from;
    if (line.text.slice(0, column).includes('\t')) return insertTab(view);
    view.dispatch({
      ...view.state.replaceSelection(' '.repeat(4 - (column % 4))),
      scrollIntoView: true,
      userEvent: 'input',
    });
    return true;
  };
}
