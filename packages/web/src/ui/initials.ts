/** One or two letters for a name: first letters of the first and last word. Pure; safe for any script. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = firstOf(words[0] ?? '?');
  const last = words.length > 1 ? firstOf(words.at(-1) ?? '') : '';
  return (first + last).toLocaleUpperCase();
}

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function firstOf(word: string): string {
  for (const { segment } of letters.segment(word)) return segment;
  return '';
}
