/**
 * The runner's events, one after another, a bounded amount per turn of the event loop: a flood of output must not hold
 * up what people type. What is short is folded at once; what is long is cut into pieces.
 */
import type { Disposable } from '@cahier/base/disposable.ts';
import type { RunnerId } from '@cahier/base/ids.ts';
import type { OutputMessage, RunnerEvent } from '@cahier/protocol/runner/up.ts';
import type { BlobKeeper } from './blob-keeper.ts';
import type { RunLog } from './run-log.ts';

export interface EventFoldOptions {
  readonly keeper: Pick<BlobKeeper, 'pendingBytes' | 'durable'>;
  readonly logger: RunLog;
  /** Takes effect; a promise when something has to be waited for first. */
  readonly take: (event: RunnerEvent) => Promise<void> | null;
  /** An event begins to take effect. */
  readonly begun: () => void;
  /** It has taken effect entirely. */
  readonly folded: (seq: number) => void;
}

interface Waiting {
  readonly seq: number;
  readonly event: RunnerEvent;
}

/** Units of text (or what it costs like) per turn. */
const turnBudget = 192 * 1024;
/** What a message costs besides its text. */
const messageCost = 1024;
/** Bytes on their way to the blob store beyond which folding waits. */
const mostPending = 64 * 1024 * 1024;

export class EventFold implements Disposable {
  readonly #options: EventFoldOptions;
  #queue: Waiting[] = [];
  #isRunning = false;
  #isDisposed = false;
  #runner: RunnerId | null = null;
  #lastSeq = 0;
  #spent = 0;
  #isResetting = false;

  constructor(options: EventFoldOptions) {
    this.#options = options;
  }

  connected(runner: RunnerId): void {
    if (this.#runner === runner) return;
    this.#runner = runner;
    this.#lastSeq = 0;
  }

  /** An event that was heard before is passed over. */
  add(seq: number, event: RunnerEvent): void {
    if (seq <= this.#lastSeq || this.#isDisposed) return;
    this.#lastSeq = seq;
    this.#queue.push({ seq, event });
    if (!this.#isRunning) void this.#run();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#queue = [];
  }

  /** Synchronous until the budget of this turn is spent. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    while (!this.#isDisposed) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) break;
      this.#options.begun();
      for (const piece of piecesOf(waiting.event)) {
        if (this.#spent >= turnBudget) await this.#nextTurn();
        if (this.#isDisposed) return;
        this.#spend(costOf(piece));
        const wait = this.#take(piece);
        if (wait !== null) await wait;
      }
      if (!this.#isDisposed) this.#options.folded(waiting.seq);
    }
    this.#isRunning = false;
  }

  /** What cannot be folded is logged and passed over: it would be the same at the next try, and stop everything. */
  #take(event: RunnerEvent): Promise<void> | null {
    const failed = (error: unknown) =>
      this.#options.logger.error(
        { err: error, event: event.e },
        'an event of the runner could not be folded',
      );
    try {
      return this.#options.take(event)?.catch(failed) ?? null;
    } catch (error) {
      failed(error);
      return null;
    }
  }

  #spend(cost: number): void {
    this.#spent += cost;
    if (this.#isResetting) return;
    this.#isResetting = true;
    setImmediate(() => {
      this.#isResetting = false;
      this.#spent = 0;
    });
  }

  async #nextTurn(): Promise<void> {
    const { keeper } = this.#options;
    if (keeper.pendingBytes > mostPending) await keeper.durable();
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#spent = 0;
  }
}

/** The same event in parts of at most a turn's budget; folding the parts is folding the whole. */
function* piecesOf(event: RunnerEvent): Generator<RunnerEvent> {
  if (event.e !== 'run.output' || costOf(event) <= turnBudget) {
    yield event;
    return;
  }
  let messages: OutputMessage[] = [];
  let cost = 0;
  for (const message of event.messages.flatMap(slices)) {
    const next = costOfMessage(message);
    if (cost + next > turnBudget && messages.length > 0) {
      yield { ...event, messages };
      messages = [];
      cost = 0;
    }
    messages.push(message);
    cost += next;
  }
  if (messages.length > 0) yield { ...event, messages };
}

function slices(message: OutputMessage): OutputMessage[] {
  const { text } = message.content;
  if (message.type !== 'stream' || typeof text !== 'string' || text.length <= turnBudget) return [message];
  const parts: OutputMessage[] = [];
  for (let at = 0; at < text.length; ) {
    const isSplit = (text.charCodeAt(at + turnBudget - 1) & 0xfc00) === 0xd800;
    const end = at + turnBudget - (isSplit ? 1 : 0);
    parts.push({ type: 'stream', content: { ...message.content, text: text.slice(at, end) } });
    at = end;
  }
  return parts;
}

function costOf(event: RunnerEvent): number {
  if (event.e !== 'run.output') return messageCost;
  return event.messages.reduce((sum, message) => sum + costOfMessage(message), 0);
}

function costOfMessage({ content }: OutputMessage): number {
  return messageCost + (typeof content.text === 'string' ? content.text.length : 0);
}
