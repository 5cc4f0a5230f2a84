import type { CSSProperties } from 'react';
import styles from './avatar.module.css';
import { classNames } from './class-names.ts';
import { initials } from './initials.ts';

export interface AvatarPerson {
  readonly id: string;
  readonly name: string;
  readonly color: string;
}

export function Avatar({ person, isAway = false }: { readonly person: AvatarPerson; readonly isAway?: boolean }) {
  const style: CSSProperties & { '--person': string } = { '--person': person.color };
  return (
    <span
      className={classNames(styles['avatar'], isAway && styles['away'])}
      style={style}
      role="img"
      aria-label={person.name}
      data-tip={person.name}
    >
      {initials(person.name)}
    </span>
  );
}

/** At most `most` faces, then a number. */
export function AvatarRow({
  people,
  most = 5,
  label,
}: {
  readonly people: readonly AvatarPerson[];
  readonly most?: number;
  readonly label: string;
}) {
  if (people.length === 0) return null;
  const rest = people.slice(most);
  const names = rest.map((person) => person.name).join(', ');
  return (
    <div className={styles['row']} role="group" aria-label={label}>
      {people.slice(0, most).map((person) => (
        <Avatar key={person.id} person={person} />
      ))}
      {rest.length > 0 && (
        <span
          className={classNames(styles['avatar'], styles['more'])}
          role="img"
          aria-label={`and ${rest.length} more: ${names}`}
          data-tip={names.slice(0, 120)}
        >
          +{rest.length}
        </span>
      )}
    </div>
  );
}
