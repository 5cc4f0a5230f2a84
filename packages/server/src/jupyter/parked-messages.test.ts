import { describe, expect, it } from 'vitest';
import { HeardMessage } from './heard-message.ts';
import { ParkedMessages } from './parked-messages.ts';

function message(type: string, text: string): HeardMessage {
  const channel = type === 'execute_reply' ? 'shell' : 'iopub';
  return HeardMessage.of(channel, [{ msg_type: type }, { msg_id: 'asked' }, {}, { text }]);
}

const notice = (dropped: number, of: object) => message('notice', `${dropped} of ${JSON.stringify(of)}`);
const told = (parked: ParkedMessages) =>
  parked.take(notice).map(({ type, content }) => `${type} ${String(content['text'])}`);

describe('parked messages', () => {
  it('come back in order, once, with what was on the way before them', () => {
    const parked = new ParkedMessages();
    parked.add(message('stream', 'c'));
    parked.add(message('status', 'd'));
    parked.prepend([message('stream', 'a'), message('stream', 'b')]);
    expect(told(parked)).toEqual(['stream a', 'stream b', 'stream c', 'status d']);
    expect(told(parked)).toEqual([]);
    expect(parked.bytes).toBe(0);
  });

  it('lose the oldest outputs first, say so, and keep what a client waits for', () => {
    const limit = 20_000;
    const parked = new ParkedMessages(limit);
    parked.add(message('execute_reply', 'first'));
    for (let i = 0; i < 200; i++) {
      parked.add(message('stream', `${i}`.padEnd(500)));
      expect(parked.bytes).toBeLessThanOrEqual(limit);
    }
    parked.add(message('status', 'idle'));
    const back = told(parked).map((line) => line.trimEnd());
    const kept = back.filter((line) => line.startsWith('stream '));
    expect(back[0]).toBe(`notice ${200 - kept.length} of {"msg_id":"asked"}`);
    expect(back[1]).toBe('execute_reply first');
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `stream ${200 - kept.length + i}`));
    expect(kept.length).toBeGreaterThan(10);
    expect(back.at(-1)).toBe('status idle');
  });

  it('hold the limit also when nothing but answers comes', () => {
    const parked = new ParkedMessages(10_000);
    for (let i = 0; i < 100; i++) parked.add(message('execute_reply', 'x'.repeat(500)));
    expect(parked.bytes).toBeLessThanOrEqual(10_000);
  });
});
