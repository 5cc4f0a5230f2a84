/**
 * Gathers outputs so that a loop that prints costs a few events a second instead of one each: the first after a pause
 * leaves within a millisecond, what follows every 16 ms or 256 KiB. Adjacent stream chunks of one name become one.
 * Order is kept; whoever emits anything else about the kernel flushes first.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { RunId } from '@cahier/base/ids.ts';
import type { OutputMessage } from '@cahier/protocol/runner/up.ts';

const paceMs = 16;
/** UTF-16 units; other outputs are counted as `roughSize` says. */
const maxSize = 256 * 1024;
/** A single text longer than this travels in pieces, so that no frame of the link is ever huge. */
const maxPiece = 4 * 1024 * 1024;
/** A single display above this is left out, with a note: neither link nor browser could take it. */
const maxDisplay = 128 * 1024 * 1024;

export class OutputBatch {
  readonly #clock: Clock;
  readonly #send: (run: RunId, messages: OutputMessage[]) => void;
  #run: RunId | null = null;
  #messages: OutputMessage[] = [];
  /** The stream chunk that is still growing; it becomes the last message. */
  #stream: { readonly name: string; readonly chunks: string[] } | null = null;
  #size = 0;
  #timer: Disposable | null = null;
  #flushedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, send: (run: RunId, messages: OutputMessage[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  add(run: RunId, message: OutputMessage): void {
    for (const part of partsOf(message)) this.#add(run, part);
  }

  #add(run: RunId, message: OutputMessage): void {
    if (this.#run !== run) this.flush();
    this.#run = run;
    const { name, text } = message.content;
    if (message.type === 'stream' && typeof name === 'string' && typeof text === 'string') {
      if (this.#stream?.name !== name) {
        this.#closeStream();
        this.#stream = { name, chunks: [] };
      }
      this.#stream?.chunks.push(text);
      this.#size += text.length;
    } else {
      this.#closeStream();
      this.#messages.push(message);
      this.#size += roughSize(message);
    }
    if (this.#size >= maxSize) this.flush();
    else this.#timer ??= this.#clock.after(this.#delay(), () => this.flush());
  }

  flush(): void {
    this.#timer?.dispose();
    this.#timer = null;
    this.#closeStream();
    const run = this.#run;
    const messages = this.#messages;
    if (run === null || messages.length === 0) return;
    this.#messages = [];
    this.#size = 0;
    this.#flushedAt = this.#clock.now();
    this.#send(run, messages);
  }

  #delay(): number {
    return Math.max(0, Math.min(paceMs, this.#flushedAt + paceMs - this.#clock.now()));
  }

  #closeStream(): void {
    if (this.#stream === null) return;
    const { name, chunks } = this.#stream;
    this.#messages.push({ type: 'stream', content: { name, text: chunks.join('') } });
    this.#stream = null;
  }
}

function* partsOf(message: OutputMessage): Generator<OutputMessage> {
  const { name, text } = message.content;
  if (message.type === 'stream' && typeof text === 'string' && text.length > maxPiece) {
    for (let at = 0; at < text.length; ) {
      const isInPair = (text.charCodeAt(at + maxPiece - 1) & 0xfc00) === 0xd800;
      const end = at + maxPiece - (isInPair ? 1 : 0);
      yield { type: 'stream', content: { name: name ?? 'stdout', text: text.slice(at, end) } };
      at = end;
    }
    return;
  }
  const size = roughSize(message);
  if (size <= maxDisplay) yield message;
  else yield { type: 'stream', content: { name: 'stderr', text: tooLarge(size) } };
}

const tooLarge = (size: number) =>
  `An output of ${Math.round(size / 1024 / 1024)} MB was left out: the limit is ${maxDisplay / 1024 / 1024} MB. Write it to a file instead.\n`;

/** Looks one level into the MIME bundle, where pictures are; walking all of it would cost as much as sending it. */
function roughSize(message: OutputMessage): number {
  const { data } = message.content;
  if (typeof data !== 'object' || data === null) return 200;
  return Object.values(data).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 1_000),
    200,
  );
}
