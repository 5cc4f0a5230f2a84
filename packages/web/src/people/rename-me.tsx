import { useState } from 'react';
import type { PersonOnWire } from '@cahier/protocol/client/down.ts';
import { api } from '../link/api.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { NameDialog } from '../ui/name-dialog.tsx';
import styles from './rename-me.module.css';

/** Who you are here; pressing it changes your name. */
export function RenameMe({
  person,
  onRenamed,
}: {
  readonly person: PersonOnWire;
  readonly onRenamed: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button look="quiet" className={styles['me']} onClick={() => setOpen(true)}>
        <span aria-hidden>
          <Avatar person={person} />
        </span>
        <span className={styles['name']}>{person.name}</span>
        <span className="visually-hidden"> (you): change your name</span>
      </Button>
      {isOpen && (
        <NameDialog
          title="Your name"
          label="Name"
          hint="Others see it beside your cursor and in the history."
          initial={person.name}
          action="Save"
          onClose={() => setOpen(false)}
          onName={async (name) => {
            await api.renameMe(name);
            onRenamed();
          }}
        />
      )}
    </>
  );
}
