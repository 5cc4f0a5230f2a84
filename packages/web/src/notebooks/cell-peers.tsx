/** Who else is at this cell: dots on its edge, each with a name. Shape and name, not colour alone. */
import type { Peer } from '@cahier/protocol/client/down.ts';
import type { CSSProperties } from 'react';
import styles from './cell.module.css';

const most = 4;

export function CellPeers({ peers }: { readonly peers: readonly Peer[] }) {
  const names = peers.map(({ person }) => person.name).join(', ');
  return (
    // Several dots, one meaning: there is no image file.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <div className={styles['peers']} role="img" aria-label={`Also here: ${names}`} title={names}>
      {peers.slice(0, most).map(({ session, person, state }) => {
        const style: CSSProperties & { '--peer': string } = { '--peer': person.color };
        return (
          <span
            key={session}
            className={styles['peer']}
            style={style}
            data-editing={state?.isEditing === true}
          >
            {[...person.name][0]?.toUpperCase()}
          </span>
        );
      })}
      {peers.length > most && <span className={styles['peerMore']}>+{peers.length - most}</span>}
    </div>
  );
}
