/** A text with who wrote what: underlined in the person's colour; name, time and origin on hover and on focus. */
import type { BlameRun } from '@cahier/core/history/blame.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import { type CSSProperties, memo, useId, useState } from 'react';
import styles from './who-wrote.module.css';
import { piecesOf, pieceWords } from './who-wrote.ts';

/** More pieces than this are not stops for the Tab key: one would never get past. */
const mostStops = 40;

interface Props {
  readonly source: string;
  readonly runs: readonly BlameRun[];
  readonly authors: readonly AuthorOnWire[];
  readonly now: number;
}

export const WhoWroteText = memo(function WhoWroteText({ source, runs, authors, now }: Props) {
  const id = useId();
  const [at, setAt] = useState<{ readonly index: number; readonly x: number; readonly y: number } | null>(
    null,
  );
  const pieces = piecesOf(source, runs);
  const shown = at === null ? undefined : pieces[at.index];
  const nameOf = (author: number) => authors[author]?.name ?? 'Somebody';
  const show = (index: number, element: Element, x?: number) => {
    const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
    setAt({ index, x: x ?? box.left, y: box.top });
  };
  return (
    <>
      {/* The pieces inside do the same by the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <pre className={styles['text']} onMouseLeave={() => setAt(null)}>
        {pieces.map((piece, i) => {
          const author = piece.run && authors[piece.run.author];
          const person: CSSProperties & { '--person': string } = {
            '--person': author?.color ?? 'var(--border-strong)',
          };
          return (
            // What it says is its text; who wrote it is its description. Pieces have no identity but their place.
            // oxlint-disable react/no-array-index-key, jsx-a11y/no-noninteractive-tabindex, jsx-a11y/mouse-events-have-key-events
            <span
              key={i}
              className={styles['piece']}
              data-author={author?.name}
              style={person}
              tabIndex={pieces.length <= mostStops ? 0 : undefined}
              aria-describedby={at?.index === i ? id : undefined}
              onMouseOver={(event) => show(i, event.currentTarget, event.clientX)}
              onFocus={(event) => show(i, event.currentTarget)}
              onBlur={() => setAt(null)}
            >
              {piece.text}
            </span>
            // oxlint-enable react/no-array-index-key, jsx-a11y/no-noninteractive-tabindex, jsx-a11y/mouse-events-have-key-events
          );
        })}
        {source === '' && '\u200b'}
      </pre>
      {at && shown && (
        <span
          id={id}
          role="tooltip"
          className={styles['tip']}
          style={{ left: `${Math.max(8, Math.min(at.x, innerWidth - 280))}px`, top: `${at.y}px` }}
        >
          {pieceWords(shown.run, nameOf, now)}
        </span>
      )}
    </>
  );
});
