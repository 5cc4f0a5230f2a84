/**
 * Calls to a runner that have no answer yet. A call waits for the link for a while; once sent it has its method's time.
 * When the link is cut, calls that may be repeated wait for the next one, the others fail: nobody knows if they took
 * effect.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { AppError } from '@cahier/base/app-error.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { appError } from '@cahier/core/errors.ts';
import type { RunnerCall, RunnerDown, RunnerMethod } from '@cahier/protocol/runner/down.ts';
import { type CallResults, callResults, type RunnerUp } from '@cahier/protocol/runner/up.ts';
import { fromWireError } from '@cahier/protocol/wire-error.ts';
import type { z } from 'zod';
import type { CallAnswer } from './runner.ts';

const resultSchemas: { readonly [M in RunnerMethod]: z.ZodType<CallResults[M]> } = callResults;

interface CallSender {
  send(frame: RunnerDown, payload?: Uint8Array): void;
}

type Reply = Extract<RunnerUp, { t: 'reply' }>;

interface Pending {
  readonly id: number;
  readonly call: RunnerCall;
  readonly payload: Uint8Array | undefined;
  readonly settle: (reply: Reply, payload: Uint8Array) => void;
  readonly fail: (error: AppError) => void;
  isSent: boolean;
  timer: Disposable;
}

export const linkWithinMs = 15_000;

/** Milliseconds from sending to the reply. */
const answerWithinMs: Readonly<Partial<Record<RunnerMethod, number>>> = {
  'kernel.start': 120_000,
  'kernel.restart': 120_000,
  'kernel.shutdown': 60_000,
  'file.read': 120_000,
  'file.write': 120_000,
  // the runner itself gives up after 60 s of looking and 180 s of converting, and says why
  'nbconvert.list': 75_000,
  'nbconvert.convert': 255_000,
};
const usualMs = 30_000;

const repeatable: ReadonlySet<RunnerMethod> = new Set([
  'kernelspecs.list',
  'kernelspecs.resource',
  'kernel.start',
  'kernel.execute',
  'kernel.shutdown',
  'file.list',
  'file.stat',
  'file.read',
  'git.log',
  'git.show',
  'file.watch',
]);

export class PendingCalls {
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#pending.size;
  }

  add<C extends RunnerCall>(call: C, payload: Uint8Array | undefined): Promise<CallAnswer<C['method']>> {
    const method: C['method'] = call.method;
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      this.#pending.set(id, {
        id,
        call,
        payload,
        isSent: false,
        timer: this.#clock.after(linkWithinMs, () => this.#timeOut(id)),
        fail: reject,
        settle: (reply, bytes) => {
          if (reply.error) return reject(fromWireError(reply.error));
          const parsed = resultOf(method, reply.result);
          if (parsed.ok) resolve({ result: parsed.result, payload: bytes });
          else
            reject(
              appError('internal/unexpected', { details: { requestId: `call ${id}` }, cause: parsed.error }),
            );
        },
      });
    });
  }

  /** Sends what has not been sent, in the order of the calls. */
  sendWaiting(link: CallSender): void {
    for (const pending of this.#pending.values()) {
      if (pending.isSent) continue;
      pending.isSent = true;
      pending.timer.dispose();
      pending.timer = this.#clock.after(timeFor(pending.call), () => this.#timeOut(pending.id));
      link.send({ t: 'call', id: pending.id, call: pending.call }, pending.payload);
    }
  }

  settle(reply: Reply, payload: Uint8Array): void {
    const pending = this.#take(reply.re);
    pending?.settle(reply, payload);
  }

  /** The link is gone. */
  cut(): void {
    for (const pending of [...this.#pending.values()]) {
      if (!pending.isSent) continue;
      if (!repeatable.has(pending.call.method)) {
        this.#take(pending.id)?.fail(appError('runner/unreachable'));
        continue;
      }
      pending.isSent = false;
      pending.timer.dispose();
      pending.timer = this.#clock.after(linkWithinMs, () => this.#timeOut(pending.id));
    }
  }

  failAll(error: AppError): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.fail(error);
  }

  #timeOut(id: number): void {
    this.#take(id)?.fail(appError('runner/unreachable'));
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.timer.dispose();
    return pending;
  }
}

function timeFor(call: RunnerCall): number {
  if (call.method === 'kernel.request') return call.timeoutMs + 2_000;
  return answerWithinMs[call.method] ?? usualMs;
}

function resultOf<M extends RunnerMethod>(
  method: M,
  value: unknown,
): { readonly ok: true; readonly result: CallResults[M] } | { readonly ok: false; readonly error: unknown } {
  const parsed = resultSchemas[method].safeParse(value);
  return parsed.success ? { ok: true, result: parsed.data } : { ok: false, error: parsed.error };
}
