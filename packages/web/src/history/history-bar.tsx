/** The head of the history: which moment this is, and what can be done with it. */
import { Bookmark, Ellipsis, GitCompareArrows, Link, RotateCcw, Trash2, UserRoundPen, X } from 'lucide-react';
import type { CellId } from '@cahier/base/ids.ts';
import type { PastCell } from '@cahier/core/history/step.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import { type CSSProperties, memo } from 'react';
import { Button, IconButton } from '../ui/button.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { useSteady } from '../ui/use-steady.ts';
import { cellTitle } from './gone-cells.ts';
import styles from './history-panel.module.css';

export type CompareChoice = 'now' | 'session' | 'beginning' | 'here' | 'version' | 'file' | 'off';

/** With what a moment can be compared. */
export function compareItems(
  onCompare: (what: CompareChoice) => void,
  isComparing: boolean,
): readonly MenuItem[] {
  return [
    { label: 'With now', onChoose: () => onCompare('now') },
    { label: 'With the start of this session', onChoose: () => onCompare('session') },
    { label: 'With the beginning', onChoose: () => onCompare('beginning') },
    { label: 'With this moment: then go to another', onChoose: () => onCompare('here') },
    'separator',
    { label: 'With a named version or Git…', onChoose: () => onCompare('version') },
    { label: 'With another file…', onChoose: () => onCompare('file') },
    ...(isComparing
      ? (['separator', { label: 'Stop comparing', onChoose: () => onCompare('off') }] as const)
      : []),
  ];
}

interface Props {
  readonly time: string;
  readonly author: AuthorOnWire | null;
  readonly about: string;
  readonly isNotebook: boolean;
  readonly mayEdit: boolean;
  readonly mayRestore: boolean;
  readonly gone: readonly PastCell[];
  readonly isComparing: boolean;
  readonly isBlaming: boolean;
  readonly onCompare: (what: CompareChoice) => void;
  readonly onBlame: () => void;
  readonly onVersions: () => void;
  readonly onLink: () => void;
  readonly onRestore: (withResults: boolean) => void;
  /** What else can be done; the last menu of the bar. */
  readonly more: () => readonly MenuItem[];
  readonly onBringBack: (cell: CellId) => void;
  readonly onClose: () => void;
}

export function HistoryBar(props: Props) {
  const { author, gone } = props;
  const person: CSSProperties & { '--person': string } = { '--person': author?.color ?? 'transparent' };
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
        {/* First: what stands at the edge does not move when it comes and goes. */}
        {props.mayEdit && gone.length > 0 && (
          <MenuButton
            label={`Deleted cells (${gone.length})`}
            items={goneItems}
            className={styles['goneCells']}
          >
            <Trash2 size={16} aria-hidden /> <span className={styles['word']}>Deleted cells</span> (
            {gone.length})
          </MenuButton>
        )}
        <Tools
          isNotebook={props.isNotebook}
          mayEdit={props.mayEdit}
          mayRestore={props.mayRestore}
          isComparing={props.isComparing}
          isBlaming={props.isBlaming}
          onCompare={useSteady(props.onCompare)}
          onBlame={useSteady(props.onBlame)}
          onVersions={useSteady(props.onVersions)}
          onLink={useSteady(props.onLink)}
          onRestore={useSteady(props.onRestore)}
          more={useSteady(props.more)}
          onClose={useSteady(props.onClose)}
        />
      </div>
    </div>
  );
}

/** Drawn anew only when something about it changes, not with every moment that is dragged over. */
const Tools = memo(function Tools(props: Omit<Props, 'time' | 'author' | 'about' | 'gone' | 'onBringBack'>) {
  const { isComparing, isBlaming } = props;
  const restoreItems = (): readonly MenuItem[] => [
    { label: 'Everything as it was, results stay as they are', onChoose: () => props.onRestore(false) },
    { label: 'Everything as it was, with the results of then', onChoose: () => props.onRestore(true) },
  ];
  return (
    <>
      <MenuButton
        label="Compare"
        items={() => compareItems(props.onCompare, isComparing)}
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
      <IconButton label="Versions: named, and in Git" onClick={props.onVersions}>
        <Bookmark size={17} aria-hidden />
      </IconButton>
      <IconButton label="Copy a link to this moment" onClick={props.onLink}>
        <Link size={17} aria-hidden />
      </IconButton>
      {props.mayEdit &&
        (props.isNotebook && props.mayRestore ? (
          <MenuButton label="Restore" look="primary" items={restoreItems}>
            <RotateCcw size={16} aria-hidden /> Restore
          </MenuButton>
        ) : (
          <Button look="primary" disabled={!props.mayRestore} onClick={() => props.onRestore(false)}>
            <RotateCcw size={16} aria-hidden /> Restore
          </Button>
        ))}
      <MenuButton label="More about this history" items={props.more}>
        <Ellipsis size={18} aria-hidden />
      </MenuButton>
      <IconButton label="Close the history" tipAt="end" className={styles['close']} onClick={props.onClose}>
        <X size={19} aria-hidden />
      </IconButton>
    </>
  );
});
