/** What the badge says about the own edits. Pure. */
export interface SyncStatus {
  readonly state: 'saved' | 'saving' | 'offline';
  /** Own edits that are not yet on the server's disk. */
  readonly unsent: number;
}

/** `word` as the replica says it; nothing unsent is never called saving, something unsent never saved. */
export function syncStatus(word: SyncStatus['state'], unsent: number): SyncStatus {
  if (word === 'offline') return { state: 'offline', unsent };
  return { state: unsent === 0 ? 'saved' : 'saving', unsent };
}

/** The words of the badge, and what they mean (its tooltip). */
export function badge(status: SyncStatus): { readonly words: string; readonly meaning: string } {
  switch (status.state) {
    case 'saved':
      return { words: 'Saved', meaning: 'Everything you typed is on the server’s disk.' };
    case 'saving':
      return { words: 'Saving…', meaning: 'Your last changes are on their way to the server’s disk.' };
    case 'offline':
      if (status.unsent === 0) {
        return { words: 'Offline', meaning: 'No connection to the server. You can go on typing.' };
      }
      return {
        words: `Offline, ${changes(status.unsent)} kept here`,
        meaning:
          'No connection to the server. Your changes are kept in this browser and sent when it is back.',
      };
  }
}

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count.toLocaleString('en')} changes`;
}
