import { describe, expect, it } from 'vitest';
import { shortTrace } from './short-trace.ts';

const frame = (n: number) => `File \u001b[32m~/lib.py:${n}\u001b[0m, in f()\n----> ${n} x`;

describe('the short trace', () => {
  it('shows the last two frames and the last line', () => {
    const trace = [
      '-----',
      'ValueError   Traceback (most recent call last)',
      'Cell In[1], line 1\n----> 1 f()',
      frame(2),
      frame(3),
      'ValueError: no',
    ];
    expect(shortTrace(trace)).toEqual({ text: [frame(2), frame(3), 'ValueError: no'].join('\n'), hidden: 1 });
  });

  it('of a short one is all of it but the head', () => {
    const trace = ['-----', 'head', 'Cell In[1], line 1', 'ZeroDivisionError: division by zero'];
    expect(shortTrace(trace)).toEqual({ text: trace.slice(2).join('\n'), hidden: 0 });
    expect(shortTrace(['one', 'two'])).toEqual({ text: 'one\ntwo', hidden: 0 });
    expect(shortTrace([])).toEqual({ text: '', hidden: 0 });
  });

  it('cuts a wall of text of another kernel', () => {
    const trace = [Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n')];
    const short = shortTrace(trace);
    expect(short.hidden).toBe(1);
    expect(short.text.split('\n')).toHaveLength(40);
    expect(short.text.endsWith('line 99')).toBe(true);
  });
});
