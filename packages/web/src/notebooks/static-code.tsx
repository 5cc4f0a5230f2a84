/** Source text that cannot be edited: looks as the editor does, coloured when the language is here. */
import { memo, useEffect, useState } from 'react';
import type { CodePiece } from '../editor/highlight.ts';
import styles from './cell.module.css';

interface Props {
  readonly source: string;
  /** null: not coloured (far from the screen, or no code). */
  readonly language: string | null;
}

export const StaticCode = memo(function StaticCode({ source, language }: Props) {
  const [colored, setColored] = useState<{ readonly of: string; readonly pieces: CodePiece[] } | null>(null);
  useEffect(() => {
    if (language === null) return;
    let isWanted = true;
    void import('../editor/highlight.ts')
      .then(({ highlight }) => highlight(source, language))
      .then(
        (pieces) => {
          if (isWanted && pieces) setColored({ of: source, pieces });
        },
        () => undefined,
      );
    return () => {
      isWanted = false;
    };
  }, [source, language]);
  const pieces = colored?.of === source ? colored.pieces : null;
  return (
    <pre className={styles['source']}>
      {pieces === null
        ? source === ''
          ? '\u200b'
          : source
        : pieces.map(({ text, look }, i) =>
            look === '' ? (
              text
            ) : (
              // Pieces have no identity but their place.
              // oxlint-disable-next-line react/no-array-index-key
              <span key={i} className={look}>
                {text}
              </span>
            ),
          )}
    </pre>
  );
});
