import { describe, expect, it } from 'vitest';
import { LiveFrames } from './live-frames.ts';

describe('output frames', () => {
  it('go to sleep when too many are awake, the one used longest ago first', () => {
    const frames = new LiveFrames(2);
    const asleep: string[] = [];
    const [a, b, c] = [{}, {}, {}];
    frames.use(a, () => asleep.push('a'));
    frames.use(b, () => asleep.push('b'));
    frames.use(a, () => asleep.push('a'));
    frames.use(c, () => asleep.push('c'));
    expect(asleep).toEqual(['b']);
    expect(frames.size).toBe(2);
  });

  it('make room when they leave', () => {
    const frames = new LiveFrames(1);
    const asleep: string[] = [];
    const a = {};
    frames.use(a, () => asleep.push('a'));
    frames.release(a);
    frames.use({}, () => asleep.push('b'));
    expect(asleep).toEqual([]);
  });
});
