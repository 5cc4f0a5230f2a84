/**
 * Each tab holds a lock named after itself for as long as it lives (closing, crashing and sleeping tabs lose it).
 * Whose lock is free is gone: its unsent edits may be taken over. Without Web Locks (plain http) every other tab
 * counts as gone; that is safe, because sending an edit twice changes nothing.
 */
const prefix = 'cahier-tab:';

export function holdTabLock(tab: string): void {
  if (!('locks' in navigator)) return;
  void navigator.locks.request(prefix + tab, () => new Promise<never>(() => undefined));
}

/** Those of `tabs` that no longer live. */
export async function goneTabs(tabs: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  if (!('locks' in navigator)) return tabs;
  const { held = [] } = await navigator.locks.query();
  const alive = new Set(held.map((lock) => lock.name));
  return new Set([...tabs].filter((tab) => !alive.has(prefix + tab)));
}
