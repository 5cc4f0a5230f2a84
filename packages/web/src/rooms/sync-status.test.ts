import { describe, expect, it } from 'vitest';
import { badge, syncStatus } from './sync-status.ts';

describe('the badge', () => {
  it('says Saved only when connected and nothing is on its way', () => {
    expect(badge(syncStatus('saved', 0)).words).toBe('Saved');
    expect(badge(syncStatus('saving', 1)).words).toBe('Saving…');
    expect(badge(syncStatus('offline', 0)).words).toBe('Offline');
    expect(badge(syncStatus('saved', 3)).words).toBe('Saving…');
  });

  it('counts what is kept here', () => {
    expect(badge(syncStatus('offline', 1)).words).toBe('Offline, 1 change kept here');
    expect(badge(syncStatus('offline', 14)).words).toBe('Offline, 14 changes kept here');
    expect(badge(syncStatus('offline', 14_000)).words).toBe('Offline, 14,000 changes kept here');
  });
});
