/** Which commands a few typed letters mean, best first. Pure. */

/** Higher is better; null: the letters do not occur in this order. Word beginnings and runs of letters count more. */
export function fuzzyScore(text: string, typed: string): number | null {
  const wanted = typed.toLowerCase().replace(/\s+/g, '');
  const lower = text.toLowerCase();
  if (wanted === '') return 0;
  let best: number | null = null;
  for (
    let start = lower.indexOf(wanted.charAt(0));
    start >= 0;
    start = lower.indexOf(wanted.charAt(0), start + 1)
  ) {
    const score = scoreFrom(lower, wanted, start);
    if (score !== null && (best === null || score > best)) best = score;
  }
  return best === null ? null : best - text.length / 1000;
}

function scoreFrom(text: string, wanted: string, start: number): number | null {
  let score = 0;
  let at = start;
  let previous = -2;
  for (const letter of wanted) {
    const hit = text.indexOf(letter, at);
    if (hit < 0) return null;
    const isWordStart = hit === 0 || /[\s\-/(.]/.test(text.charAt(hit - 1));
    score += hit === previous + 1 ? 4 : isWordStart ? 3 : 1 - Math.min(0.9, (hit - at) / 50);
    previous = hit;
    at = hit + 1;
  }
  return score;
}

export interface Findable {
  readonly id: string;
  readonly title: string;
  readonly group?: string;
}

/** With nothing typed: recently used first, then as registered. */
export function findCommands<C extends Findable>(
  all: readonly C[],
  typed: string,
  recent: readonly string[],
): C[] {
  const rank = (command: C) => {
    const at = recent.indexOf(command.id);
    return at < 0 ? recent.length : at;
  };
  if (typed.trim() === '') return all.toSorted((a, b) => rank(a) - rank(b));
  return all
    .flatMap((command) => {
      const own = fuzzyScore(command.title, typed);
      const grouped = command.group ? fuzzyScore(`${command.group} ${command.title}`, typed) : null;
      const score = own ?? (grouped === null ? null : grouped - 1);
      return score === null ? [] : [{ command, score }];
    })
    .sort((a, b) => b.score - a.score || rank(a.command) - rank(b.command))
    .map(({ command }) => command);
}
