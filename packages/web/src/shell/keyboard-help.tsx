import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { KeyCaps } from '../ui/key-caps.tsx';
import { type Command, commands, isMac } from './commands.ts';
import { findCommands } from './find-commands.ts';
import styles from './keyboard-help.module.css';
import { keyCaps } from './keys.ts';

/** All keys of this page, with a search. */
export function KeyboardHelp({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const withKeys = commands.get().filter((command) => (command.keys?.length ?? 0) > 0);
  const found = findCommands(withKeys, typed, []);
  const groups = Map.groupBy(found, (command) => command.group ?? 'More');
  return (
    <Dialog title="Keyboard shortcuts" isWide onClose={onClose}>
      <Field
        data-autofocus
        label="Search"
        placeholder="run, insert, undo…"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {found.length === 0 && <p>No shortcut is called like this.</p>}
      <div className={styles['groups']}>
        {[...groups].map(([group, members]) => (
          <section key={group} className={styles['group']}>
            <h3 className={styles['heading']}>{group}</h3>
            <ul className={styles['rows']}>
              {members.map((command) => (
                <li key={command.id} className={styles['row']}>
                  <span>{command.title}</span>
                  <span className={styles['keys']}>
                    {differentCaps(command).map((strokes) => (
                      <KeyCaps key={strokes.flat().join(' ')} strokes={strokes} />
                    ))}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** Keys that differ on another system only (`Ctrl` and `$mod`) are shown once. */
function differentCaps({ keys = [] }: Command): readonly ReturnType<typeof keyCaps>[] {
  const caps = keys.map((one) => keyCaps(one, isMac));
  return [...new Map(caps.map((strokes) => [JSON.stringify(strokes), strokes])).values()];
}
