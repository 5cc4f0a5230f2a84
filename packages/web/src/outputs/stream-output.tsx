/**
 * Printed text. A million lines are never drawn at once: head and tail are shown, and what lies between opens page by
 * page or all together, each page fetched and drawn while it is near the screen.
 */
import type { LiveOutput, TextPage } from '@cahier/core/runs/live.ts';
import { useMemo, useState } from 'react';
import { AnsiText } from './ansi-text.tsx';
import { useOutputSource } from './output-source.ts';
import styles from './outputs.module.css';
import {
  countLines,
  firstLines,
  lastLines,
  pagedHeadLines,
  pagedTailLines,
  textWindow,
} from './text-window.ts';
import { useBlobText } from './use-blob-text.ts';
import { useIsNear } from './use-is-near.ts';

type Stream = Extract<LiveOutput, { type: 'stream' }>;

export function StreamOutput({ output }: { readonly output: Stream }) {
  const className = output.name === 'stderr' ? `${styles['text']} ${styles['stderr']}` : styles['text'];
  return (
    <div className={className}>
      {output.pages && output.pages.length > 0 ? (
        <PagedText pages={output.pages} tail={output.text} />
      ) : (
        <LongText text={output.text} />
      )}
    </div>
  );
}

/** Text that is here, folded when it is long. */
export function LongText({ text }: { readonly text: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const window = useMemo(() => textWindow(text), [text]);
  if (window.hidden === 0) return <Lines text={text} />;
  if (isWhole) {
    return (
      <>
        <Fold label="Fold this output" onPress={() => setIsWhole(false)} />
        <ChunkedText text={text} />
      </>
    );
  }
  return (
    <>
      <Lines text={window.head} />
      <Fold label={`Show ${amount(window.hidden)}`} onPress={() => setIsWhole(true)} />
      <Lines text={window.tail} />
    </>
  );
}

const chunk = 500;

/** A long text in pieces that the browser need not lay out while they are off the screen. */
function ChunkedText({ text }: { readonly text: string }) {
  const pieces = useMemo(() => {
    const out: string[] = [];
    for (let rest = text; rest !== ''; ) {
      const piece = firstLines(rest, chunk);
      out.push(piece);
      rest = rest.slice(piece.length);
    }
    return out;
  }, [text]);
  return pieces.map((piece, i) => (
    <div key={i} className={styles['chunk']} style={heightOf(countLines(piece))}>
      <Lines text={piece} />
    </div>
  ));
}

function PagedText({ pages, tail }: { readonly pages: readonly TextPage[]; readonly tail: string }) {
  const source = useOutputSource();
  const [opened, setOpened] = useState(0);
  const first = pages[0];
  const { fetched, again } = useBlobText(
    first && opened === 0 ? source.blobUrl(first.blob, 'text/plain') : null,
  );
  const total = pages.reduce((sum, page) => sum + page.lines, 0) + countLines(tail);
  const openedPages = pages.slice(0, opened);
  const openedLines = openedPages.reduce((sum, page) => sum + page.lines, 0);
  if (opened >= pages.length) {
    return (
      <>
        <Fold label={`Fold these ${amount(total)}`} onPress={() => setOpened(0)} />
        {pages.map((page) => (
          <Page key={page.blob} page={page} />
        ))}
        <ChunkedText text={tail} />
      </>
    );
  }
  const shownTail = lastLines(tail, opened === 0 ? pagedTailLines : Number.POSITIVE_INFINITY);
  const shownHead = opened === 0 ? Math.min(pagedHeadLines, first?.lines ?? 0) : openedLines;
  const hidden = total - shownHead - countLines(shownTail);
  const next = pages[opened];
  return (
    <>
      {opened > 0 && <Fold label="Fold this output" onPress={() => setOpened(0)} />}
      {openedPages.map((page) => (
        <Page key={page.blob} page={page} />
      ))}
      {opened === 0 && fetched.state === 'here' && <Lines text={firstLines(fetched.text, pagedHeadLines)} />}
      {opened === 0 && fetched.state === 'waiting' && <div style={heightOf(shownHead)} />}
      {opened === 0 && fetched.state === 'failed' && <Failed why={fetched.why} again={again} />}
      <div className={styles['gap']}>
        <span>{amount(hidden)} more</span>
        {next && pages.length > 1 && (
          <button type="button" className={styles['more']} onClick={() => setOpened(opened + 1)}>
            Show the next {next.lines.toLocaleString('en')}
          </button>
        )}
        <button type="button" className={styles['more']} onClick={() => setOpened(pages.length)}>
          Show all
        </button>
      </div>
      <Lines text={shownTail} />
    </>
  );
}

/** One page: as high as its lines, its text fetched and drawn only near the screen. */
function Page({ page }: { readonly page: TextPage }) {
  const source = useOutputSource();
  const [near, ref] = useIsNear();
  const { fetched, again } = useBlobText(near ? source.blobUrl(page.blob, 'text/plain') : null);
  return (
    <div ref={ref} style={{ minHeight: `calc(${page.lines} * var(--output-line))` }}>
      {near && fetched.state === 'here' && <ChunkedText text={fetched.text} />}
      {near && fetched.state === 'failed' && <Failed why={fetched.why} again={again} />}
    </div>
  );
}

function Lines({ text }: { readonly text: string }) {
  return (
    <pre>
      <AnsiText text={text} />
    </pre>
  );
}

export function Failed({ why, again }: { readonly why: string; again(): void }) {
  return (
    <p className={styles['missing']}>
      {why}{' '}
      <button type="button" className={styles['more']} onClick={again}>
        Try again
      </button>
    </p>
  );
}

function Fold({ label, onPress }: { readonly label: string; onPress(): void }) {
  return (
    <div className={styles['gap']}>
      <button type="button" className={styles['more']} onClick={onPress}>
        {label}
      </button>
    </div>
  );
}

function heightOf(lines: number) {
  return { containIntrinsicBlockSize: `auto calc(${lines} * var(--output-line))` };
}

function amount(lines: number): string {
  return lines === 1 ? '1 line' : `${lines.toLocaleString('en')} lines`;
}
