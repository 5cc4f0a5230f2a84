/** The head of the history: which moment this is, and what can be done with it. */
import { GitCompareArrows, Link, RotateCcw, UserRoundPen, X } from 'lucide-react';
import type { CellId } from '@cahier/base/ids.ts';
import type { PastCell } from '@cahier/core/history/step.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import type { CSSProperties } from 'react';
import { Button, IconButton } from '../ui/button.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { cellTitle } from './gone-cells.ts';
import styles from './history-panel.module.css';

export type ComparedWith = 'now' | 'session' | 'beginning' | 'here' | 'off';

interface Props {
  readonly time: string;
  readonly author: AuthorOnWire | null;
  readonly about: string;
  readonly mayEdit: boolean;
  readonly mayRestore: boolean;
  readonly gone: readonly PastCell[];
  readonly isComparing: boolean;
  readonly isBlaming: boolean;
  readonly onCompare: (what: ComparedWith) => void;
  readonly onBlame: () => void;
  readonly onLink: () => void;
  readonly onRestore: () => void;
  readonly onBringBack: (cell: CellId) => void;
  readonly onClose: () => void;
}

export function HistoryBar(props: Props) {
  const { author, gone, isComparing, isBlaming } = props;
  const person: CSSProperties & { '--person': string } = { '--person': author?.color ?? 'transparent' };
  const compareItems = (): readonly MenuItem[] => [
    { label: 'With now', onChoose: () => props.onCompare('now') },
    { label: 'With the start of this session', onChoose: () => props.onCompare('session') },
    { label: 'With the beginning', onChoose: () => props.onCompare('beginning') },
    { label: 'With this moment: then go to another', onChoose: () => props.onCompare('here') },
    ...(isComparing
      ? (['separator', { label: 'Stop comparing', onChoose: () => props.onCompare('off') }] as const)
      : []),
  ];
  const goneItems = (): readonly MenuItem[] =>
    gone.map((cell, i) => ({
      label: `${i + 1}. ${cellTitle(cell)}`,
      icon: <RotateCcw size={15} aria-hidden />,
      onChoose: () => props.onBringBack(cell.id),
    }));
  return (
    <div className={styles['bar']}>
      <div className={styles['when']}>
        <div className={styles['time']}>{props.time}</div>
        <div className={styles['about']}>
          {author && (
            <>
              <span className={styles['dot']} style={person} aria-hidden />
              {author.name}
              {' · '}
            </>
          )}
          {props.about}
        </div>
      </div>
      <div className={styles['tools']}>
        <MenuButton
          label="Compare"
          items={compareItems}
          look={isComparing ? 'plain' : 'quiet'}
          className={isComparing ? styles['on'] : undefined}
        >
          <GitCompareArrows size={17} aria-hidden /> <span className={styles['word']}>Compare</span>
        </MenuButton>
        <Button
          look={isBlaming ? 'plain' : 'quiet'}
          className={isBlaming ? styles['on'] : undefined}
          aria-pressed={isBlaming}
          aria-label="Who wrote this"
          onClick={props.onBlame}
        >
          <UserRoundPen size={17} aria-hidden /> <span className={styles['word']}>Who wrote this</span>
        </Button>
        {props.mayEdit && gone.length > 0 && (
          <MenuButton label={`Deleted cells (${gone.length})`} items={goneItems}>
            Deleted cells ({gone.length})
          </MenuButton>
        )}
        <IconButton label="Copy a link to this moment" onClick={props.onLink}>
          <Link size={17} aria-hidden />
        </IconButton>
        {props.mayEdit && (
          <Button look="primary" disabled={!props.mayRestore} onClick={props.onRestore}>
            <RotateCcw size={16} aria-hidden /> Restore
          </Button>
        )}
        <IconButton label="Close the history" tipAt="end" onClick={props.onClose}>
          <X size={19} aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}
