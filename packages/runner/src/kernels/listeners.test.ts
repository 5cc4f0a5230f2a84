import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { describe, expect, it } from 'vitest';
import { keptForMs, Listeners, mostKeptBytes } from './listeners.ts';

function scene() {
  const clock = new FakeClock();
  const told: string[] = [];
  const line = { isUp: true };
  const listeners = new Listeners(clock, (channel, [part]) => {
    if (line.isUp)
      told.push(
        `${channel} ${Buffer.from(part ?? [])
          .toString()
          .trim()}`,
      );
    return line.isUp;
  });
  const says = (text: string, channel: 'shell' | 'iopub' = 'iopub') =>
    listeners.hear(channel, [Buffer.from(text)]);
  return { clock, told, line, listeners, says };
}

describe('listeners of a kernel', () => {
  it('hear nothing before they ask, and everything after', () => {
    const { told, listeners, says } = scene();
    says('a');
    listeners.set(true);
    says('b');
    listeners.set(false);
    says('c');
    expect(told).toEqual(['iopub b']);
  });

  it('hear in order what came while the server was away', () => {
    const { told, line, listeners, says } = scene();
    listeners.set(true);
    says('a');
    line.isUp = false;
    says('b');
    line.isUp = true;
    listeners.leave();
    says('c', 'shell');
    expect(told).toEqual(['iopub a']);
    listeners.set(true);
    says('d');
    expect(told).toEqual(['iopub a', 'iopub b', 'shell c', 'iopub d']);
  });

  it('lose the oldest outputs when it is too much, and no answer', () => {
    const { told, listeners, says } = scene();
    listeners.set(true);
    listeners.leave();
    says('answer', 'shell');
    for (let i = 0; i < 20; i++) says(`${i}`.padEnd(mostKeptBytes / 10));
    listeners.set(true);
    expect(told[0]).toBe('shell answer');
    expect(told.at(-1)).toBe('iopub 19');
    expect(told.length).toBeLessThan(12);
  });

  it('are forgotten after a while', () => {
    const { clock, told, listeners, says } = scene();
    listeners.set(true);
    listeners.leave();
    says('a');
    clock.advance(keptForMs);
    says('b');
    listeners.set(true);
    expect(told).toEqual([]);
  });
});
