import { useEffect, useState } from 'react';
import { blobText } from './blob-text.ts';

/** The texts behind several addresses, as they come in; null for one that could not be fetched. */
export function useBlobTexts(urls: readonly string[]): ReadonlyMap<string, string | null> {
  const [texts, setTexts] = useState<ReadonlyMap<string, string | null>>(new Map());
  const key = urls.join(' ');
  useEffect(() => {
    let isWanted = true;
    const put = (url: string, text: string | null) => {
      if (isWanted) setTexts((known) => new Map(known).set(url, text));
    };
    for (const url of key === '' ? [] : key.split(' ')) {
      blobText(url).then(
        (text) => put(url, text),
        () => put(url, null),
      );
    }
    return () => {
      isWanted = false;
    };
  }, [key]);
  return texts;
}
