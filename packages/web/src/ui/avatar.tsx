import type { CSSProperties } from 'react';
import styles from './avatar.module.css';
import { classNames } from './class-names.ts';
import { initials } from './initials.ts';

export interface AvatarPerson {
  readonly id: string;
  readonly name: string;
  readonly color: string;
}

export function Avatar({
  person,
  isAway = false,
}: {
  readonly person: AvatarPerson;
  readonly isAway?: boolean;
}) {
  const style: CSSProperties & { '--person': string } = { '--person': person.color };
  return (
    <span
      className={classNames(styles['avatar'], isAway && styles['away'])}
      style={style}
      data-tip={person.name}
    >
      <span aria-hidden>{initials(person.name)}</span>
      <span className="visually-hidden">{person.name}</span>
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
    <ul className={styles['row']} aria-label={label}>
      {people.slice(0, most).map((person) => (
        <li key={person.id}>
          <Avatar person={person} />
        </li>
      ))}
      {rest.length > 0 && (
        <li>
          <span className={classNames(styles['avatar'], styles['more'])} data-tip={names.slice(0, 120)}>
            <span aria-hidden>+{rest.length}</span>
            <span className="visually-hidden">{`and ${rest.length} more: ${names}`}</span>
          </span>
        </li>
      )}
    </ul>
  );
}
