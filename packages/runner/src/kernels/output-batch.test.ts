import { asRunId } from '@cahier/base/ids.ts';
import type { OutputMessage } from '@cahier/protocol/runner/up.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputBatch } from './output-batch.ts';

const stream = (name: string, text: string): OutputMessage => ({ type: 'stream', content: { name, text } });
const display = (text: string): OutputMessage => ({
  type: 'display_data',
  content: { data: { 'text/plain': text } },
});

const textOf = ({ content }: OutputMessage): string =>
  typeof content['text'] === 'string' ? content['text'] : '';

function scene() {
  const clock = new FakeClock();
  const sent: { run: string; messages: OutputMessage[]; at: number }[] = [];
  const batch = new OutputBatch(clock, (run, messages) => sent.push({ run, messages, at: clock.now() }));
  return { clock, sent, batch };
}

const run = asRunId('r');

describe('a batch of outputs', () => {
  it('leaves at once after a pause, then at screen pace', () => {
    const { clock, sent, batch } = scene();
    const start = clock.now();
    for (let ms = 0; ms < 160; ms++) {
      batch.add(run, stream('stdout', `${ms}\n`));
      clock.advance(1);
    }
    clock.advance(16);
    expect(sent[0]?.at).toBe(start);
    expect(sent.length).toBeLessThanOrEqual(12);
  });

  it('joins neighbours of one name and keeps all in order', () => {
    const { sent, batch } = scene();
    for (const message of [
      stream('stdout', 'a'),
      stream('stdout', 'b'),
      stream('stderr', 'c'),
      display('d'),
      stream('stderr', 'e'),
    ])
      batch.add(run, message);
    batch.flush();
    expect(sent[0]?.messages).toEqual([
      stream('stdout', 'ab'),
      stream('stderr', 'c'),
      display('d'),
      stream('stderr', 'e'),
    ]);
  });

  it('never mixes runs', () => {
    const { sent, batch } = scene();
    batch.add(run, stream('stdout', 'a'));
    batch.add(asRunId('q'), stream('stdout', 'b'));
    batch.flush();
    expect(sent.map(({ run: of, messages }) => [of, messages])).toEqual([
      ['r', [stream('stdout', 'a')]],
      ['q', [stream('stdout', 'b')]],
    ]);
  });

  it('does not grow beyond some 256 KiB', () => {
    const { sent, batch } = scene();
    for (let i = 0; i < 100; i++) batch.add(run, stream('stdout', 'x'.repeat(10_000)));
    for (const { messages } of sent) expect(JSON.stringify(messages).length).toBeLessThan(300_000);
    expect(sent.length).toBeGreaterThan(2);
  });

  it('cuts huge texts into pieces between characters, and leaves out huge displays with a note', () => {
    const { sent, batch } = scene();
    const text = `a${'\u{1F600}'.repeat(5 * 1024 * 1024)}`;
    batch.add(run, stream('stdout', text));
    const pieces = sent.flatMap(({ messages }) => messages.map(textOf));
    expect(pieces.length).toBe(3);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.join('') === text).toBe(true);
    batch.add(run, display('x'.repeat(129 * 1024 * 1024)));
    batch.flush();
    expect(sent.at(-1)?.messages).toEqual([
      stream(
        'stderr',
        'An output of 129 MB was left out: the limit is 128 MB. Write it to a file instead.\n',
      ),
    ]);
  });

  it('loses nothing and reorders nothing, whenever it is flushed', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom('stdout', 'stderr', 'display'), fc.string(), fc.nat(20), fc.boolean()),
        ),
        (steps) => {
          const { clock, sent, batch } = scene();
          for (const [kind, text, ms, isFlushed] of steps) {
            batch.add(run, kind === 'display' ? display(text) : stream(kind, text));
            clock.advance(ms);
            if (isFlushed) batch.flush();
          }
          clock.advance(100);
          const flat = (messages: readonly OutputMessage[]) =>
            messages.reduce<[string, string][]>((all, message) => {
              const { type, content } = message;
              const kind =
                type === 'stream' ? (content['name'] === 'stderr' ? 'stderr' : 'stdout') : 'display';
              const text = type === 'stream' ? textOf(message) : JSON.stringify(content);
              const last = all.at(-1);
              if (type === 'stream' && last?.[0] === kind) last[1] += text;
              else all.push([kind, text]);
              return all;
            }, []);
          const wanted = steps.map(([kind, text]) =>
            kind === 'display' ? display(text) : stream(kind, text),
          );
          expect(flat(sent.flatMap(({ messages }) => messages))).toEqual(flat(wanted));
        },
      ),
    );
  });
});
