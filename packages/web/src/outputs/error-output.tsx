/** An exception: what it was first, the frames nearest to it, the whole trace on demand. */
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { AnsiText } from './ansi-text.tsx';
import { stripAnsi } from './ansi.ts';
import { shortTrace } from './short-trace.ts';
import styles from './outputs.module.css';

interface Props {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export function ErrorOutput({ ename, evalue, traceback }: Props) {
  const [isWhole, setIsWhole] = useState(false);
  const [isCopied, setIsCopied] = useState(false);
  const trace = shortTrace(traceback);
  const text = isWhole ? traceback.join('\n') : trace.text;
  const copy = () => {
    const all = traceback.length > 0 ? stripAnsi(traceback.join('\n')) : `${ename}: ${evalue}`;
    navigator.clipboard.writeText(all).then(
      () => {
        setIsCopied(true);
        setTimeout(() => setIsCopied(false), 2_000);
      },
      () => setIsCopied(false),
    );
  };
  return (
    <div className={styles['error']}>
      <div className={styles['errorHead']}>
        <strong className={styles['errorName']}>{ename || 'Error'}</strong>
        {evalue !== '' && <span className={styles['errorValue']}>{stripAnsi(evalue)}</span>}
        <button
          type="button"
          className={styles['iconButton']}
          onClick={copy}
          aria-label="Copy the error"
          title="Copy the error"
        >
          {isCopied ? <Check size={15} /> : <Copy size={15} />}
        </button>
      </div>
      {text !== '' && (
        <pre className={styles['trace']}>
          <AnsiText text={text} />
        </pre>
      )}
      {trace.hidden > 0 && (
        <button
          type="button"
          className={styles['more']}
          aria-expanded={isWhole}
          onClick={() => setIsWhole(!isWhole)}
        >
          {isWhole
            ? 'Show the short trace'
            : `Show all (${trace.hidden} more ${trace.hidden === 1 ? 'frame' : 'frames'})`}
        </button>
      )}
    </div>
  );
}
