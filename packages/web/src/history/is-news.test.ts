import { asCellId } from '@cahier/base/ids.ts';
import { emptyLiveNotebook, type LiveCell, type LiveNotebook } from '@cahier/core/runs/live.ts';
import { describe, expect, it } from 'vitest';
import { isNews } from './is-news.ts';

const live = (cell: LiveCell): LiveNotebook => ({ ...emptyLiveNotebook, cells: { [asCellId('a')]: cell } });
const running: LiveCell = { state: 'running', executionCount: null, outputs: [] };
const said: LiveCell = { ...running, outputs: [{ type: 'stream', name: 'stdout', text: 'x' }] };
const done: LiveCell = { ...said, state: 'done', executionCount: 1, endedAt: 5 };

describe('news of the live document', () => {
  it('is the end of a run, not what it says meanwhile', () => {
    expect(isNews(live(running), live(said))).toBe(false);
    expect(isNews(live(said), live(done))).toBe(true);
    expect(isNews(live(done), live(done))).toBe(false);
  });

  it('is a result that is put back or cleared, and a kernel that died', () => {
    expect(isNews(live(done), live({ state: 'idle', executionCount: null, outputs: [] }))).toBe(true);
    const dead: LiveNotebook = { ...live(done), kernel: { status: 'dead' } };
    expect(isNews(live(done), dead)).toBe(true);
    expect(isNews(live(done), { ...live(done), kernel: { status: 'busy' } })).toBe(false);
  });
});
