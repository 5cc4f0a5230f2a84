import { Copy, Link2, Plug, UserX } from 'lucide-react';
import { useId, useState } from 'react';
import type { ProjectId } from '@cahier/base/ids.ts';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { MenuButton } from '../ui/menu.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { timeAgo } from '../ui/time-ago.ts';
import { useNow } from '../ui/use-now.ts';
import { problemToast, toast } from '../ui/toasts.ts';
import styles from './share-dialog.module.css';

const roleWords = { owner: 'Owner', editor: 'Can edit', viewer: 'Can look' } as const;

interface Props {
  readonly project: ProjectId;
  readonly me: string;
  readonly isOwner: boolean;
  /** To what lets other programs in. */
  readonly onPrograms: () => void;
  readonly onClose: () => void;
}

/** Who is in the project, and links that let others in with exactly the right shown. */
export function ShareDialog({ project, me, isOwner, onPrograms, onClose }: Props) {
  const known = useAnswer(`people ${project}`, () => api.project(project));
  return (
    <Dialog title="Share this project" onClose={onClose}>
      {isOwner ? (
        <Links project={project} />
      ) : (
        <p className={styles['hint']}>Only owners of the project can invite others.</p>
      )}
      <section className={styles['section']}>
        <h3 className={styles['heading']}>People in this project</h3>
        {known.error && <p role="alert">{known.error.message}</p>}
        {!known.value && !known.error && <Skeleton lines={1} label="Asking who is in the project" />}
        <ul className={styles['people']}>
          {known.value?.people.map((person) => (
            <li key={person.id} className={styles['row']}>
              <Avatar person={person} />
              <span className={styles['who']}>
                {person.name}
                {person.id === me && <span className={styles['about']}> (you)</span>}
              </span>
              {isOwner && person.id !== me ? (
                <>
                  <MenuButton
                    label={`What ${person.name} may do: ${roleWords[person.role]}`}
                    items={() =>
                      (['owner', 'editor', 'viewer'] as const).map((role) => ({
                        label: roleWords[role],
                        isChosen: person.role === role,
                        onChoose: () => {
                          api.changeRole(project, person.id, role).then(known.reload, problemToast);
                        },
                      }))
                    }
                  >
                    {roleWords[person.role]}
                  </MenuButton>
                  <IconButton
                    label={`Remove ${person.name}`}
                    tipAt="end"
                    onClick={() => {
                      api.removePerson(project, person.id).then(() => {
                        toast(`${person.name} is no longer in the project.`);
                        known.reload();
                      }, problemToast);
                    }}
                  >
                    <UserX size={18} aria-hidden />
                  </IconButton>
                </>
              ) : (
                <span className={styles['about']}>{roleWords[person.role]}</span>
              )}
            </li>
          ))}
        </ul>
      </section>
      <section className={styles['section']}>
        <h3 className={styles['heading']}>Other programs</h3>
        <p className={styles['hint']}>
          JupyterLab and VS Code on your own computer, or a script, can work in this project, too.
        </p>
        <Button className={styles['programs']} onClick={onPrograms}>
          <Plug size={17} aria-hidden /> Connect a program…
        </Button>
      </section>
    </Dialog>
  );
}

function Links({ project }: { readonly project: ProjectId }) {
  const [role, setRole] = useState<'editor' | 'viewer'>('editor');
  const [made, setMade] = useState<{ id: string; link: string } | null>(null);
  const links = useAnswer(`invitations ${project}`, () => api.invitations(project));
  const id = useId();
  const make = () => {
    api.invite(project, role).then((invitation) => {
      setMade(invitation);
      links.reload();
      copyText(invitation.link).then(
        () => toast('The link is made and copied. Send it to whom you want to invite.'),
        () => toast('The link is made.'),
      );
    }, problemToast);
  };
  const now = useNow();
  const active = links.value?.filter((link) => link.expiresAt > now && link.usesLeft > 0) ?? [];
  return (
    <>
      <section className={styles['section']}>
        <label className={styles['heading']} htmlFor={id}>
          <strong>Invite by a link.</strong> Who opens it
        </label>
        <div className={styles['make']}>
          <select
            id={id}
            value={role}
            onChange={(event) => setRole(event.target.value === 'viewer' ? 'viewer' : 'editor')}
          >
            <option value="editor">can edit and run</option>
            <option value="viewer">can look, not change</option>
          </select>
          <Button look="primary" data-autofocus onClick={make}>
            <Link2 size={17} aria-hidden /> Make link
          </Button>
        </div>
        {made && (
          <>
            <div className={styles['link']}>
              <input
                readOnly
                aria-label="Invitation link"
                value={made.link}
                onFocus={(event) => event.target.select()}
              />
              <Button
                onClick={() => {
                  copyText(made.link).then(() => toast('Copied.'), problemToast);
                }}
              >
                <Copy size={16} aria-hidden /> Copy
              </Button>
            </div>
            <p className={styles['hint']}>
              The link is shown only now. It works for two weeks, or until you end it.
            </p>
          </>
        )}
      </section>
      {active.length > 0 && (
        <section className={styles['section']}>
          <h3 className={styles['heading']}>Links that work now</h3>
          <ul className={styles['people']}>
            {active.map((link) => (
              <li key={link.id} className={styles['row']}>
                <span className={styles['who']}>
                  {roleWords[link.role]}
                  <span className={styles['about']}>
                    {' '}
                    · made {timeAgo(link.createdAt, now)} · until{' '}
                    {new Date(link.expiresAt).toLocaleDateString('en', { day: 'numeric', month: 'short' })}
                  </span>
                </span>
                <Button
                  look="quiet"
                  onClick={() => {
                    api.revokeInvitation(project, link.id).then(() => {
                      toast('The link no longer works.');
                      if (made?.id === link.id) setMade(null);
                      links.reload();
                    }, problemToast);
                  }}
                >
                  Stop
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
