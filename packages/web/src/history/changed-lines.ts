/** Lines of `after` that are not in `before` (numbers from 0): common ends are left out, then equal lines in between. Pure. */
export function changedLines(before: string, after: string): ReadonlySet<number> {
  if (before === after) return new Set();
  const old = before.split('\n');
  const now = after.split('\n');
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const left = new Map<string, number>();
  for (const line of old.slice(start, old.length - end)) left.set(line, (left.get(line) ?? 0) + 1);
  const changed = new Set<number>();
  for (let i = start; i < now.length - end; i++) {
    const line = now[i] ?? '';
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    else changed.add(i);
  }
  return changed;
}
