/** A notebook, open for editing (or, for a viewer, for looking): toolbar, contents list, cells. */
import { asCellId } from '@cahier/base/ids.ts';
import { Plus } from 'lucide-react';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import '../editor/code-tokens.css';
import { idPrefix } from '../outputs/heading-id.ts';
import { OutputSourceProvider } from '../outputs/output-source.ts';
import { useStore } from '../rooms/use-store.ts';
import { registerCommands } from '../shell/commands.ts';
import { extendTo, selectOne } from './cell-selection.ts';
import { cellOfHeading } from './contents.ts';
import { CellView } from './cell-view.tsx';
import { ContentsPanel } from './contents-panel.tsx';
import { FindBar } from './find-bar.tsx';
import { NotebookActions } from './notebook-actions.ts';
import type { AfterRestart } from './run-actions.ts';
import { notebookCommands } from './notebook-commands.ts';
import { NotebookKeys, NotebookKeysProvider } from './notebook-keys.ts';
import { NotebookModel } from './notebook-model.ts';
import type { NotebookSession } from './notebook-session.ts';
import { NotebookToolbar } from './notebook-toolbar.tsx';
import { InterruptWatch } from './interrupt-watch.tsx';
import styles from './notebook.module.css';
import { outputSourceOf } from './notebook-outputs.ts';
import { RestartQuestion } from './restart-question.tsx';
import { RunAnnouncer } from './run-announcer.tsx';
import { NotebookProvider, type OpenNotebook, useNotebook } from './use-cell.ts';
import { useCellFocus } from './use-cell-focus.ts';
import { useFind } from './use-find.ts';

export function NotebookView({ session }: { readonly session: NotebookSession }) {
  const [notebook, setNotebook] = useState<OpenNotebook | null>(null);
  // A changed role comes with a new connection: then the view is made anew, with or without the right to edit.
  const mayEdit = useStore(session.status, () => session.mayEdit);
  useEffect(() => {
    const model = new NotebookModel(session);
    const opened = { model, actions: new NotebookActions(model) };
    // The model listens to the session: it must begin and end with this effect.
    // oxlint-disable-next-line react/set-state-in-effect
    setNotebook(opened);
    return () => model.dispose();
  }, [session, mayEdit]);
  return notebook?.model.session === session ? <OpenView key={String(mayEdit)} notebook={notebook} /> : null;
}

const contentsKey = 'cahier-contents';
/** More than any screen shows. */
const firstCells = 40;

function OpenView({ notebook }: { readonly notebook: OpenNotebook }) {
  const { model, actions } = notebook;
  const root = useRef<HTMLDivElement>(null);
  const [restart, setRestart] = useState<AfterRestart | null>(null);
  const [isContentsOpen, setContentsOpen] = useState(() => keptChoice(contentsKey) ?? innerWidth > 1180);
  const outputs = useMemo(() => outputSourceOf(model.session), [model]);
  const finding = useFind(notebook);
  const { ask: find } = finding;
  const commands = useMemo(
    () =>
      notebookCommands(model, actions, {
        find,
        askRestart: setRestart,
        scrollPage: (by) => scrollBy({ top: by * innerHeight * 0.85, behavior: 'auto' }),
        toggleContents: () => setContentsOpen((isOpen) => keepChoice(contentsKey, !isOpen)),
      }),
    [model, actions, find],
  );
  const keys = useMemo(() => new NotebookKeys(model, actions, commands), [model, actions, commands]);
  useEffect(() => {
    const registration = registerCommands(commands);
    return () => registration.dispose();
  }, [commands]);
  useEffect(() => {
    // Command mode also counts when nothing has the focus (a click on the empty page).
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !(event.target instanceof Node)) return;
      if (event.target !== document.body && !root.current?.contains(event.target)) return;
      if (keys.onPage(event)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [keys]);
  useCellFocus(model, root);
  const askRestart = useCallback(() => setRestart('restart'), []);
  const toggleContents = () => setContentsOpen(keepChoice(contentsKey, !isContentsOpen));

  return (
    <NotebookProvider value={notebook}>
      <NotebookKeysProvider value={keys}>
        <OutputSourceProvider value={outputs}>
          <div ref={root} className={styles['notebook']} data-contents={isContentsOpen}>
            <NotebookToolbar
              isContentsOpen={isContentsOpen}
              onContents={toggleContents}
              onFind={() => find('replace')}
              onRestart={setRestart}
            >
              {finding.isOpen && <FindBar {...finding} />}
            </NotebookToolbar>
            <div className={styles['body']}>
              {isContentsOpen && <ContentsPanel />}
              <Cells />
            </div>
            <RunAnnouncer />
            <InterruptWatch onRestart={askRestart} />
            {restart !== null && <RestartQuestion then={restart} onClose={() => setRestart(null)} />}
          </div>
        </OutputSourceProvider>
      </NotebookKeysProvider>
    </NotebookProvider>
  );
}

function Cells() {
  const notebook = useNotebook();
  const { model, actions } = notebook;
  const order = useStore(model.sections.shown);
  // The first screens are drawn at once; the rest of a long notebook follows without holding them up.
  const isWhole = useDeferredValue(true, order.length <= firstCells);
  const shown = isWhole ? order : order.slice(0, firstCells);
  const add = () => {
    const last = model.order.get().at(-1);
    actions.insert('below', 'code', { edit: true, ...(last === undefined ? {} : { near: last }) });
  };
  return (
    // The mouse selects a cell as the arrow keys do; links to a heading reach it wherever it is.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events
    <div
      className={styles['cells']}
      onMouseDown={(event) => selectPressed(event.nativeEvent, notebook)}
      onClick={(event) => followAnchor(event.nativeEvent, notebook)}
    >
      {shown.map((id) => (
        <CellView key={id} id={id} />
      ))}
      {order.length === 0 && <p className={styles['empty']}>This notebook has no cells.</p>}
      {actions.mayEdit && (
        <button type="button" className={styles['addAtEnd']} onClick={add}>
          <Plus size={16} aria-hidden /> Add a cell
        </button>
      )}
    </div>
  );
}

/** A press on a cell selects it; with Shift it extends. What is pressed inside (editor, button, link) keeps its own. */
function selectPressed(event: MouseEvent, { model }: OpenNotebook): void {
  if (event.button !== 0 || !(event.target instanceof Element)) return;
  const id = event.target.closest<HTMLElement>('[data-cell]')?.dataset['cell'];
  if (id === undefined || event.target.closest('.cm-editor, input, [role="menu"]')) return;
  const cell = asCellId(id);
  if (event.shiftKey) {
    event.preventDefault();
    model.select(extendTo(model.selection.get(), cell));
  } else model.select(selectOne(cell));
}

/** Headings of cells far away are not drawn, so the browser alone would not find them. */
function followAnchor(event: MouseEvent, { model }: OpenNotebook): void {
  if (!(event.target instanceof Element)) return;
  const href = event.target.closest('a[href^="#"]')?.getAttribute('href');
  if (!href?.startsWith(`#${idPrefix}`)) return;
  const cell = cellOfHeading(
    model.order.get().flatMap((id) => model.cell(id) ?? []),
    href.slice(1 + idPrefix.length),
  );
  if (cell === null) return;
  event.preventDefault();
  model.select(selectOne(cell));
  model.reveal(cell);
}

function keptChoice(key: string): boolean | null {
  try {
    const kept = localStorage.getItem(key);
    return kept === null ? null : kept === '1';
  } catch {
    return null;
  }
}

function keepChoice(key: string, value: boolean): boolean {
  try {
    localStorage.setItem(key, value ? '1' : '0');
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
  return value;
}
