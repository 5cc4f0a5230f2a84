import { useEffect, useState } from 'react';
import { blobText } from './blob-text.ts';

export type Fetched =
  | { readonly state: 'waiting' }
  | { readonly state: 'here'; readonly text: string }
  | { readonly state: 'failed'; readonly why: string };

/** The text behind an address; null asks for nothing. `again` asks anew after a failure. */
export function useBlobText(url: string | null): { readonly fetched: Fetched; again(): void } {
  const [fetched, setFetched] = useState<Fetched>({ state: 'waiting' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (url === null) return;
    let isWanted = true;
    setFetched({ state: 'waiting' });
    blobText(url).then(
      (text) => isWanted && setFetched({ state: 'here', text }),
      () => isWanted && setFetched({ state: 'failed', why: 'This output could not be fetched.' }),
    );
    return () => {
      isWanted = false;
    };
  }, [url, attempt]);
  return { fetched, again: () => setAttempt(attempt + 1) };
}
