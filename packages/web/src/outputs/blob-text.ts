/**
 * Text blobs, fetched once and kept while there is room. Names are content hashes, so nothing here ever goes stale.
 * The bytes are only ever text here: nothing that was fetched is run.
 */
const room = 64 * 1024 * 1024;
const kept = new Map<string, Promise<string>>();
const sizes = new Map<string, number>();

/** Rejects with a sentence when the server does not give it; the next call asks again. */
export function blobText(url: string): Promise<string> {
  const known = kept.get(url);
  if (known) {
    kept.delete(url);
    kept.set(url, known);
    return known;
  }
  const asked = fetchText(url);
  kept.set(url, asked);
  asked.then(
    (text) => {
      sizes.set(url, text.length);
      drop();
    },
    () => kept.delete(url),
  );
  return asked;
}

async function fetchText(url: string): Promise<string> {
  const answer = await fetch(url, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error('This output is no longer stored.');
  return answer.text();
}

function drop(): void {
  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  for (const url of kept.keys()) {
    if (total <= room) return;
    total -= sizes.get(url) ?? 0;
    sizes.delete(url);
    kept.delete(url);
  }
}
