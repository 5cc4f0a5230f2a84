/** Everything that can be done, found by a few letters. A combobox: the focus stays in the field. */
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { KeyCaps } from '../ui/key-caps.tsx';
import styles from './command-palette.module.css';
import { type Command, commands, isMac } from './commands.ts';
import { findCommands } from './find-commands.ts';
import { keyCaps } from './keys.ts';

let recent: readonly string[] = [];

export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const chosen = useRef<Command | null>(null);
  const id = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const all = useMemo(
    () =>
      commands
        .get()
        .filter((command) => command.id !== 'page.palette' && command.when?.() !== false)
        // What belongs to this document comes before what belongs to every page.
        .sort((a, b) => Number(a.group === 'Page') - Number(b.group === 'Page')),
    [],
  );
  const found = useMemo(() => findCommands(all, typed, recent), [all, typed]);
  const current = Math.min(at, found.length - 1);

  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
      const command = chosen.current;
      if (!command) return;
      recent = [command.id, ...recent.filter((known) => known !== command.id)].slice(0, 8);
      // After the focus is back where the command expects it.
      queueMicrotask(() => command.run());
    };
  }, []);
  useEffect(() => {
    document.getElementById(`${id}-${current}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, current]);

  const run = (command: Command | undefined) => {
    if (!command) return;
    chosen.current = command;
    onClose();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={dialog}
      className={styles['palette']}
      aria-label="Find a command"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <input
        className={styles['input']}
        role="combobox"
        aria-label="Find a command"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${current}` : undefined}
        aria-autocomplete="list"
        placeholder="What do you want to do?"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
          if (step !== undefined) {
            event.preventDefault();
            const next = current + step;
            const isWrap = Math.abs(step) === 1;
            setAt(
              isWrap ? (next + found.length) % found.length : Math.max(0, Math.min(next, found.length - 1)),
            );
          } else if (event.key === 'Enter') {
            event.preventDefault();
            run(found[current]);
          }
        }}
      />
      {found.length === 0 ? (
        <p className={styles['none']}>No command is called like this.</p>
      ) : (
        // A listbox that the field above drives has no element of its own.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role, jsx-a11y/prefer-tag-over-role
        <ul id={`${id}-list`} className={styles['list']} role="listbox" aria-label="Commands">
          {found.map((command, i) => (
            // Keys are handled by the field, which keeps the focus.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
            <li
              key={command.id}
              id={`${id}-${i}`}
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role, jsx-a11y/prefer-tag-over-role
              role="option"
              aria-selected={i === current}
              className={styles['option']}
              onClick={() => run(command)}
              onPointerMove={() => setAt(i)}
            >
              <span className={styles['title']}>{command.title}</span>
              {command.keys?.[0] ? (
                <KeyCaps strokes={keyCaps(command.keys[0], isMac)} />
              ) : (
                <span className={styles['group']}>{command.group}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </dialog>
  );
}
