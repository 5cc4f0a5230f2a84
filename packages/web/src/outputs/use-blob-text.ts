import { useEffect, useState } from 'react';
import { blobText } from './blob-text.ts';

export type Fetched =
  | { readonly state: 'waiting' }
  | { readonly state: 'here'; readonly text: string }
  | { readonly state: 'failed'; readonly why: string };

const waiting: Fetched = { state: 'waiting' };
const failed: Fetched = { state: 'failed', why: 'This output could not be fetched.' };

/** The text behind an address; null asks for nothing. `again` asks anew after a failure. */
export function useBlobText(url: string | null): { readonly fetched: Fetched; again(): void } {
  const [answer, setAnswer] = useState<{ readonly of: string; readonly fetched: Fetched } | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (url === null) return;
    let isWanted = true;
    const put = (fetched: Fetched) => {
      if (isWanted) setAnswer({ of: url, fetched });
    };
    blobText(url).then(
      (text) => put({ state: 'here', text }),
      () => put(failed),
    );
    return () => {
      isWanted = false;
    };
  }, [url, attempt]);
  const again = () => {
    setAnswer(null);
    setAttempt(attempt + 1);
  };
  return { fetched: answer !== null && answer.of === url ? answer.fetched : waiting, again };
}
