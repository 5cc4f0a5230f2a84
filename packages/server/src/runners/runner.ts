/**
 * A project's runner as the rest of the server sees it: typed calls, numbered events, signals. The link behind it may
 * come and go; calls wait for it for a while and then fail with `runner/unreachable`.
 */
import type { RunId, KernelId, RunnerId } from '@cahier/base/ids.ts';
import type { RunnerCall } from '@cahier/protocol/runner/down.ts';
import type { CallResults, RunnerEvent, RunnerSignal } from '@cahier/protocol/runner/up.ts';

export interface CallAnswer<M extends RunnerCall['method']> {
  readonly result: CallResults[M];
  readonly payload: Uint8Array;
}

/** What the runner said of itself when it (re)connected. */
export interface RunnerHello {
  readonly runner: RunnerId;
  /** Number of its newest event: the replay ends there. */
  readonly lastSeq?: number;
  readonly kernels: readonly {
    readonly kernel: KernelId;
    readonly status: string;
    readonly activeRun: RunId | null;
  }[];
}

export interface RunnerListener {
  /** In order, each once per cursor: the listener makes it durable (HistoryLog.commit with cursor), then calls `ack`. */
  onEvent(seq: number, event: RunnerEvent): void;
  onSignal(signal: RunnerSignal): void;
  /** The link is up; replayed events follow. */
  onConnected(hello: RunnerHello): void;
  onDisconnected(): void;
}

export interface Runner {
  readonly isConnected: boolean;
  /** Is there a runner, or is one on its way? */
  readonly isExpected: boolean;
  /** Starts the runner when there is none. Throws catalogued errors of the call, or `runner/unreachable`. */
  call<C extends RunnerCall>(call: C, payload?: Uint8Array): Promise<CallAnswer<C['method']>>;
  /** Everything up to `seq` is durable here: the runner may forget it. */
  ack(seq: number): void;
}
