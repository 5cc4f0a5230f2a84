/** Brings key presses to the notebook's commands, in command mode (the page) and in edit mode (an editor). */
import type { CellId } from '@cahier/base/ids.ts';
import { createContext, useContext } from 'react';
import { isMac } from '../shell/commands.ts';
import { KeySequences } from './key-sequences.ts';
import type { NotebookActions } from './notebook-actions.ts';
import type { NotebookCommand } from './notebook-commands.ts';
import type { NotebookModel } from './notebook-model.ts';

export class NotebookKeys {
  readonly #model: NotebookModel;
  readonly #actions: NotebookActions;
  readonly #sequences: KeySequences<NotebookCommand>;

  constructor(model: NotebookModel, actions: NotebookActions, commands: readonly NotebookCommand[]) {
    this.#model = model;
    this.#actions = actions;
    this.#sequences = new KeySequences(commands, isMac);
  }

  /** Command mode. True: the key was taken. */
  onPage(event: KeyboardEvent): boolean {
    if (event.isComposing || isForOthers(event)) return false;
    const { active, mode } = this.#model.selection.get();
    // A cell is being opened for editing: what is typed before its editor is there belongs to its text.
    if (mode === 'edit' && active !== null) return this.#beforeEditor(active, event);
    return this.#press(event, 'command');
  }

  #beforeEditor(cell: CellId, event: KeyboardEvent): boolean {
    const editor = this.#model.editor(cell);
    if (editor) {
      // The browser gives the key to what has the focus when it is handled: behind what was typed before it was there.
      editor.focus(this.#actions.takeTypedInto(cell) ? 'end' : undefined);
      return false;
    }
    const isText = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isText && !event.shiftKey && event.key === 'Enter') return this.#actions.typeInto(cell, '\n');
    if (isText && [...event.key].length === 1) return this.#actions.typeInto(cell, event.key);
    return this.#press(event, 'edit');
  }

  /** Edit mode, in the editor of a cell. */
  inEditor(cell: CellId, event: KeyboardEvent): boolean {
    if (event.isComposing) return false;
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    const editor = this.#model.editor(cell);
    if (isPlain && event.key === 'ArrowUp' && editor?.isAtFirstLine()) return this.#actions.leaveEditor(-1);
    if (isPlain && event.key === 'ArrowDown' && editor?.isAtLastLine()) return this.#actions.leaveEditor(1);
    return this.#press(event, 'edit');
  }

  #press(event: KeyboardEvent, mode: 'command' | 'edit'): boolean {
    const hit = this.#sequences.press(event, event.timeStamp, mode);
    if (hit === null || hit === 'waiting') return hit === 'waiting';
    hit.run();
    return true;
  }
}

/** Keys that belong to what has the focus: text fields, and Enter and Space on what is pressed by them. */
function isForOthers(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  const isPressed = event.key === 'Enter' || event.key === ' ';
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  return isPressed && isPlain && target.closest('button, a, summary, [role="menuitem"]') !== null;
}

const context = createContext<NotebookKeys | null>(null);
export const NotebookKeysProvider = context.Provider;

export function useNotebookKeys(): NotebookKeys {
  const keys = useContext(context);
  if (!keys) throw new Error('a cell stands outside of NotebookKeysProvider');
  return keys;
}
