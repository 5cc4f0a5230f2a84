/** Two texts as one: lines that went, lines that came, and in them the words that differ. */
import {
  linesOfSide,
  type MarkedLine,
  type TextComparison,
} from '@cahier/core/history/compare/compare-text.ts';
import { memo, useState } from 'react';
import styles from './compare.module.css';

/** Lines shown around a change. */
const around = 3;

export const MarkedText = memo(function MarkedText({ comparison }: { readonly comparison: TextComparison }) {
  const { blocks } = comparison;
  return (
    <div className={styles['marked']}>
      {blocks.map((block, i) =>
        block.kind === 'same' ? (
          <SameLines
            // Blocks have no identity but their place.
            // oxlint-disable-next-line react/no-array-index-key
            key={i}
            lines={block.lines}
            isFirst={i === 0}
            isLast={i === blocks.length - 1}
          />
        ) : (
          // oxlint-disable-next-line react/no-array-index-key
          <div key={i}>
            <Lines lines={linesOfSide(block.parts, 'removed')} side="removed" />
            <Lines lines={linesOfSide(block.parts, 'added')} side="added" />
          </div>
        ),
      )}
    </div>
  );
});

/** A whole text that is new, or gone. */
export function OneSidedText({ text, side }: { readonly text: string; readonly side: 'added' | 'removed' }) {
  const lines = text.split('\n').map((line): MarkedLine => [{ text: line, change: 'same' }]);
  return (
    <div className={styles['marked']}>
      <Lines lines={lines} side={side} />
    </div>
  );
}

function Lines({
  lines,
  side,
}: {
  readonly lines: readonly MarkedLine[];
  readonly side: 'added' | 'removed';
}) {
  const Marked = side === 'added' ? 'ins' : 'del';
  return lines.map((line, i) => (
    // oxlint-disable-next-line react/no-array-index-key
    <div key={i} className={styles['line']} data-side={side}>
      <span className="visually-hidden">{side === 'added' ? 'Added line: ' : 'Removed line: '}</span>
      {line.length === 0 && '\u200b'}
      {line.map((part, j) =>
        part.change === 'same' ? (
          part.text
        ) : (
          // oxlint-disable-next-line react/no-array-index-key
          <Marked key={j}>{part.text}</Marked>
        ),
      )}
    </div>
  ));
}

function SameLines({
  lines,
  isFirst,
  isLast,
}: {
  readonly lines: readonly string[];
  readonly isFirst: boolean;
  readonly isLast: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  const head = isFirst ? 0 : around;
  const tail = isLast ? 0 : around;
  const hidden = lines.length - head - tail;
  const line = (text: string, key: number) => (
    <div key={key} className={styles['line']}>
      {text.replace(/\r?\n$/, '') || '\u200b'}
    </div>
  );
  if (isOpen || hidden < 3) return lines.map(line);
  return (
    <>
      {lines.slice(0, head).map(line)}
      <button type="button" className={styles['fold']} onClick={() => setOpen(true)}>
        {hidden} lines without changes
      </button>
      {lines.slice(lines.length - tail).map((text, i) => line(text, lines.length - tail + i))}
    </>
  );
}
