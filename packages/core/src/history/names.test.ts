import { describe, expect, it } from 'vitest';
import { nameText, namesIn } from './names.ts';
import type { Step } from './step.ts';

const named = (seq: number, text: string, author = 0): Step => ({
  seq,
  at: seq * 1_000,
  author,
  origin: 'api',
  changes: [{ c: 'mark', mark: 'named', text }],
});

describe('names of moments', () => {
  it('stand at the moment they name, with who named it; the last one counts', () => {
    const steps = [
      named(10, nameText(4, 'first try'), 1),
      named(11, nameText(2, 'handed out')),
      named(12, nameText(4, 'It works “now”'), 2),
    ];
    expect(namesIn(steps)).toEqual([
      { seq: 2, name: 'handed out', author: 0, at: 11_000 },
      { seq: 4, name: 'It works “now”', author: 2, at: 12_000 },
    ]);
  });

  it('are taken away by no name; a mark that says only a name stands where it is', () => {
    const steps = [named(3, nameText(2, 'a')), named(4, nameText(2, '')), named(5, 'Tea break')];
    expect(namesIn(steps)).toEqual([{ seq: 5, name: 'Tea break', author: 0, at: 5_000 }]);
  });
});
