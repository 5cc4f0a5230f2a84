/**
 * A text with who wrote what: underlined in the person's colour, name and day of each line in the gutter; name, time and
 * origin of each piece on hover and on focus.
 */
import type { BlameRun } from '@cahier/core/history/blame.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import { type CSSProperties, memo, useEffect, useId, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import styles from './who-wrote.module.css';
import { linesOfPieces, type Piece, piecesOf, pieceWords, shortTime } from './who-wrote.ts';

/** More pieces than this are not stops for the Tab key: one would never get past. */
const mostStops = 40;

interface Props {
  readonly source: string;
  readonly runs: readonly BlameRun[];
  readonly authors: readonly AuthorOnWire[];
  readonly now: number;
}

interface TipPlace {
  /** Of the piece. */
  readonly index: number;
  readonly element: Element;
  readonly x: number;
  readonly y: number;
  /** Where the tip is put: over everything of the panel. */
  readonly layer: Element;
}

export const WhoWroteText = memo(function WhoWroteText({ source, runs, authors, now }: Props) {
  const id = useId();
  const [at, setAt] = useState<TipPlace | null>(null);
  const pieces = useMemo(() => piecesOf(source, runs), [source, runs]);
  const lines = useMemo(() => {
    const all = linesOfPieces(pieces);
    // As everywhere: a line end at the end begins no line that one sees.
    return all.length > 1 && all.at(-1)?.main === null ? all.slice(0, -1) : all;
  }, [pieces]);
  const shown = at === null ? undefined : pieces[at.index];
  const nameOf = (author: number) => authors[author]?.name ?? 'Somebody';
  const show = (index: number, element: Element, x?: number) => {
    const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
    const layer = element.closest('[data-tips]') ?? document.body;
    setAt({ index, element, x: x ?? box.left, y: box.top, layer });
  };
  useEffect(() => {
    if (!at) return;
    // What has the focus takes its tip along; what is only pointed at has gone from under the mouse.
    const follow = () => {
      if (document.activeElement === at.element) show(at.index, at.element);
      else setAt(null);
    };
    addEventListener('scroll', follow, { capture: true, passive: true });
    return () => removeEventListener('scroll', follow, { capture: true });
  }, [at]);
  const colourOf = (piece: Piece | undefined): CSSProperties & { '--person': string } => ({
    '--person': (piece?.run && authors[piece.run.author]?.color) ?? 'var(--border-strong)',
  });
  const said = (line: number): Piece | undefined => pieces[lines[line]?.main ?? -1];
  return (
    <>
      {/* The pieces inside do the same by the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <pre className={styles['text']} onMouseLeave={() => setAt(null)}>
        {lines.map(({ parts, main }, i) => (
          // Lines and pieces have no identity but their place.
          // oxlint-disable react/no-array-index-key, jsx-a11y/no-noninteractive-tabindex, jsx-a11y/mouse-events-have-key-events
          <span key={i} className={styles['line']}>
            <span
              className={styles['gutter']}
              data-gutter
              style={colourOf(said(i))}
              data-empty={main === null || undefined}
              onMouseOver={(event) => main !== null && show(main, event.currentTarget)}
            >
              <Gutter piece={said(i)} above={said(i - 1)} nameOf={nameOf} now={now} />
            </span>
            <span className={styles['code']}>
              {parts.map(({ text, piece, isFirst }, j) => (
                // What it says is its text; who wrote it is its description.
                <span
                  key={j}
                  className={styles['piece']}
                  data-author={pieces[piece]?.run ? authors[pieces[piece].run.author]?.name : undefined}
                  style={colourOf(pieces[piece])}
                  tabIndex={isFirst && pieces.length <= mostStops ? 0 : undefined}
                  aria-describedby={isFirst && at?.index === piece ? id : undefined}
                  onMouseOver={(event) => show(piece, event.currentTarget, event.clientX)}
                  onFocus={(event) => show(piece, event.currentTarget)}
                  onBlur={() => setAt(null)}
                >
                  {text}
                </span>
              ))}
              {'\n'}
            </span>
          </span>
          // oxlint-enable react/no-array-index-key, jsx-a11y/no-noninteractive-tabindex, jsx-a11y/mouse-events-have-key-events
        ))}
      </pre>
      {at &&
        shown &&
        // A cell clips what stands out of it.
        createPortal(
          <span
            id={id}
            role="tooltip"
            className={styles['tip']}
            style={{ left: `${Math.max(8, Math.min(at.x, innerWidth - 280))}px`, top: `${at.y}px` }}
          >
            {pieceWords(shown.run, nameOf, now)}
          </span>,
          at.layer,
        )}
    </>
  );
});

interface GutterProps {
  readonly piece: Piece | undefined;
  /** Of the line above: what it says already is not said again. */
  readonly above: Piece | undefined;
  readonly nameOf: (author: number) => string;
  readonly now: number;
}

function Gutter({ piece, above, nameOf, now }: GutterProps) {
  const run = piece?.run;
  if (!run || piece === above || run.author < 0) return null;
  const name = nameOf(run.author);
  const day = run.at === null ? '' : shortTime(run.at, now);
  const isSaid =
    above?.run?.author === run.author && above.run.at !== null && shortTime(above.run.at, now) === day;
  if (isSaid) return null;
  return (
    <>
      <span className={styles['name']}>{name}</span> <span className={styles['day']}>{day}</span>
    </>
  );
}
