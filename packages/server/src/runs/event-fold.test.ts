import { asKernelId, asRunId, asRunnerId } from '@cahier/base/ids.ts';
import type { RunnerEvent } from '@cahier/protocol/runner/up.ts';
import { settled } from '@cahier/testkit/fake-clock.ts';
import { describe, expect, it, vi } from 'vitest';
import { EventFold } from './event-fold.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const kernel = asKernelId('k');
const run = asRunId('r');
const output = (...texts: string[]): RunnerEvent => ({
  e: 'run.output',
  kernel,
  run,
  messages: texts.map((text) => ({ type: 'stream', content: { name: 'stdout', text } })),
});
const textOf = (event: RunnerEvent) =>
  event.e === 'run.output' ? event.messages.map(({ content }) => String(content.text)).join('') : event.e;

function setUp(take: (event: RunnerEvent) => Promise<void> | null) {
  const folded: number[] = [];
  const fold = new EventFold({
    keeper: { pendingBytes: 0, durable: async () => {} },
    logger: quiet,
    take,
    begun: () => {},
    folded: (seq) => folded.push(seq),
  });
  fold.connected(asRunnerId('one'));
  return { fold, folded };
}

describe("the runner's events, one after another", () => {
  it('takes a short event at once', () => {
    const taken: string[] = [];
    const { fold, folded } = setUp((event) => {
      taken.push(textOf(event));
      return null;
    });
    fold.add(1, output('a'));
    expect(taken).toEqual(['a']);
    expect(folded).toEqual([1]);
  });

  it('cuts a long one between characters, a piece a turn, and loses nothing', async () => {
    const pieces: string[] = [];
    const { fold, folded } = setUp((event) => {
      pieces.push(textOf(event));
      return null;
    });
    const text = `x${'😀'.repeat(500_000)}`;
    fold.add(1, output(text, 'end'));
    expect(pieces).toHaveLength(1);
    expect(folded).toEqual([]);
    await vi.waitFor(() => expect(folded).toEqual([1]));
    expect(pieces.join('') === `${text}end`).toBe(true);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.length).toBeGreaterThan(4);
  });

  it('waits for a notebook that has to be opened, and keeps the order', async () => {
    const taken: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { fold, folded } = setUp((event) => {
      const done = () => void taken.push(textOf(event));
      if (taken.length > 0) return done() ?? null;
      return gate.promise.then(done);
    });
    fold.add(1, output('first'));
    fold.add(2, output('second'));
    await settled();
    expect(taken).toEqual([]);
    gate.resolve();
    await vi.waitFor(() => expect(folded).toEqual([1, 2]));
    expect(taken).toEqual(['first', 'second']);
  });

  it('passes over what it heard before, until another runner comes', () => {
    const taken: string[] = [];
    const { fold } = setUp((event) => {
      taken.push(textOf(event));
      return null;
    });
    fold.add(1, output('a'));
    fold.add(1, output('a'));
    fold.connected(asRunnerId('one'));
    fold.add(1, output('a'));
    fold.connected(asRunnerId('two'));
    fold.add(1, output('b'));
    expect(taken).toEqual(['a', 'b']);
  });

  it('is not stopped by an event that cannot be folded', () => {
    const { fold, folded } = setUp((event) => {
      if (textOf(event) === 'bad') throw new Error('bad');
      return null;
    });
    fold.add(1, output('bad'));
    fold.add(2, output('good'));
    expect(folded).toEqual([1, 2]);
  });
});
