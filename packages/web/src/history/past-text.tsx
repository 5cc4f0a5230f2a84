import { textOf } from '@cahier/core/history/restore.ts';
import { type PastDocument, textCellId } from '@cahier/core/history/step.ts';
import { useMemo } from 'react';
import { classNames } from '../ui/class-names.ts';
import { changedLines } from './changed-lines.ts';
import styles from './history-panel.module.css';

interface Props {
  readonly past: PastDocument;
  /** The moment before, to mark what is new. */
  readonly before: PastDocument | null;
}

/** A text document at one moment, read-only; lines that the moment changed are marked. */
export function PastText({ past, before }: Props) {
  const text = textOf(past);
  const changed = useMemo(() => changedLines(before ? textOf(before) : text, text), [before, text]);
  return (
    <pre className={styles['text']} data-past-cell={textCellId} data-part="source">
      {text.split('\n').map((line, i) => (
        // Lines have no other identity than their place.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={i} className={classNames(styles['textLine'], changed.has(i) && styles['changed'])}>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
