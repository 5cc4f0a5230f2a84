import type { ProjectId } from '@cahier/base/ids.ts';
import type { TokenListed } from '@cahier/protocol/http/tokens.ts';
import { KeyRound, Link2 } from 'lucide-react';
import { api } from '../link/api.ts';
import { Button } from '../ui/button.tsx';
import { exactTime, timeAgo } from '../ui/time-ago.ts';
import { problemToast, toast } from '../ui/toasts.ts';
import { useNow } from '../ui/use-now.ts';
import styles from './connect-dialog.module.css';
import { scopesInWords } from './programs.ts';

interface Props {
  readonly project: ProjectId;
  readonly tokens: readonly TokenListed[];
  readonly isOwner: boolean;
  readonly onTakenBack: (id: string) => void;
}

export function TokenList({ project, tokens, isOwner, onTakenBack }: Props) {
  const now = useNow();
  if (tokens.length === 0) {
    return <p className={styles['hint']}>There is none yet. Choose a program above and make one.</p>;
  }
  return (
    <ul className={styles['list']}>
      {tokens.map((token) => {
        const isOver = token.expiresAt !== null && token.expiresAt <= now;
        return (
          <li key={token.id} className={styles['row']}>
            {token.kind === 'address' ? <Link2 size={18} aria-hidden /> : <KeyRound size={18} aria-hidden />}
            <div className={styles['what']}>
              <span className={styles['name']}>{token.name}</span>
              <span className={styles['about']}>
                {[
                  `may ${scopesInWords(token.scopes)}`,
                  ...(isOwner ? [`as ${token.madeBy}`] : []),
                  token.usedAt === null ? 'never used' : `used ${timeAgo(token.usedAt, now)}`,
                ].join(' · ')}
              </span>
              <span className={isOver ? styles['over'] : styles['about']}>
                {token.expiresAt === null ? (
                  'works until it is taken back'
                ) : (
                  <time dateTime={new Date(token.expiresAt).toISOString()} title={exactTime(token.expiresAt)}>
                    {isOver ? 'no longer works' : `works until ${shortTime(token.expiresAt)}`}
                  </time>
                )}
              </span>
            </div>
            <Button
              look="quiet"
              aria-label={`${isOver ? 'Remove' : 'Take back'} “${token.name}”`}
              onClick={() => {
                api.takeBackToken(project, token.id).then(() => {
                  toast(isOver ? `“${token.name}” is removed.` : `“${token.name}” no longer works.`);
                  onTakenBack(token.id);
                }, problemToast);
              }}
            >
              {isOver ? 'Remove' : 'Take back'}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}

function shortTime(at: number): string {
  return new Date(at).toLocaleString('en', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  });
}
