/**
 * The run-state machine of a notebook: (live document, operation) → new live document and effects for the outside.
 * Pure; the live document is its whole state, so what a commit holds is enough to go on after a crash.
 * It never talks to a kernel: `execute`, `start-kernel` and the others are effects that notebook-runs.ts performs.
 *
 * Rules. One cell runs at a time. Cells run in the order asked. A cell that waits is not queued twice; the running one
 * may be queued behind itself (`again`). An error, an abort, an interrupt and the kernel's death reset the rest of the
 * queue to idle. Results are cleared when a cell starts, not when it is queued.
 */
import { assertNever } from '@cahier/base/assert-never.ts';
import type { CellId, KernelId, RunId } from '@cahier/base/ids.ts';
import type { ErrorCode } from '../errors.ts';
import type { CellType } from '../notebooks/notebook.ts';
import { applyLiveOp, liveCell } from './apply-live-op.ts';
import { cellsOf } from './fold-output.ts';
import {
  type KernelState,
  type LiveCell,
  type LiveNotebook,
  type LiveOp,
  type LiveOutput,
  type PersonRef,
  type RunFailure,
  emptyLiveCell,
} from './live.ts';
import { cellOfRun } from './run-id.ts';
import { sourceHash } from './source-hash.ts';

export interface ChosenKernel {
  readonly kernel: KernelId;
  readonly name: string;
  readonly displayName: string;
  readonly language: string;
}

export interface PutResult {
  readonly cell: CellId;
  readonly outputs: readonly LiveOutput[];
  readonly executionCount: number | null;
}

/** `replaces`: it takes the place of what the cell waits for; without it a cell that waits is left as it is. */
export interface AskedCell {
  readonly cell: CellId;
  readonly run: RunId;
  readonly replaces?: true;
}

/** `at`: server time, ms since the epoch. */
export type RunOperation =
  | {
      readonly do: 'queue';
      readonly cells: readonly AskedCell[];
      readonly by?: PersonRef;
      readonly at: number;
    }
  /** Takes waiting cells out of the queue; all without `cells`. The running one goes on. */
  | { readonly do: 'cancel'; readonly cells?: readonly CellId[] }
  | { readonly do: 'clear'; readonly cells?: readonly CellId[] }
  /** Results of the past come back. Refused as a whole while one of the cells runs. */
  | { readonly do: 'results.put'; readonly results: readonly PutResult[] }
  | {
      readonly do: 'started';
      readonly run: RunId;
      readonly executionCount: number | null;
      readonly at: number;
    }
  | {
      readonly do: 'finished';
      readonly run: RunId;
      readonly status: 'ok' | 'error' | 'aborted' | 'lost';
      readonly executionCount: number | null;
      readonly at: number;
      /** An error is no reason to stop: what waits goes on. */
      readonly goesOn?: true;
    }
  /** The running cell will never be heard of again (the runner forgot it). */
  | { readonly do: 'lost'; readonly at: number }
  | { readonly do: 'kernel.chosen'; readonly chosen: ChosenKernel; readonly at: number }
  /** The kernel answers: what waits may run. */
  | { readonly do: 'kernel.ready'; readonly at: number }
  /** It could not be started: the first waiting cell fails with `kernel-start`. */
  | { readonly do: 'kernel.failed'; readonly reason: string; readonly at: number }
  | {
      readonly do: 'kernel.status';
      readonly status: 'starting' | 'idle' | 'busy' | 'restarting' | 'dead';
      readonly reason?: string;
      readonly at: number;
    }
  /** Everything the kernel said before has been folded. */
  | { readonly do: 'kernel.died'; readonly reason?: string; readonly at: number }
  | { readonly do: 'interrupt' }
  | { readonly do: 'restart'; readonly at: number }
  | { readonly do: 'shutdown'; readonly at: number }
  | {
      readonly do: 'input.wanted';
      readonly run: RunId;
      readonly prompt: string;
      readonly isPassword: boolean;
    }
  | { readonly do: 'input.answered'; readonly run: RunId }
  | { readonly do: 'cells.gone'; readonly cells: readonly CellId[] }
  | { readonly do: 'cells.forget'; readonly cells: readonly CellId[] };

export type RunEffect =
  | { readonly effect: 'start-kernel' }
  | { readonly effect: 'execute'; readonly cell: CellId; readonly run: RunId; readonly code: string }
  | { readonly effect: 'interrupt' | 'restart' | 'shutdown'; readonly kernel: KernelId }
  /** A run ended (`run` null: outputs were cleared, or put back); `ended` is the cell at that moment. */
  | {
      readonly effect: 'record';
      readonly cell: CellId;
      readonly run: RunId | null;
      readonly ended: LiveCell;
      readonly isRestored?: true;
    }
  | {
      readonly effect: 'mark';
      readonly mark: 'kernel-died' | 'kernel-restarted';
      readonly text: string;
    }
  | { readonly effect: 'refused'; readonly code: ErrorCode };

export interface RunStep {
  readonly state: LiveNotebook;
  readonly effects: readonly RunEffect[];
}

/** The cells of the source document, as they are now, or as this run has them; null when the cell is gone. */
export type CellReader = (
  cell: CellId,
  run?: RunId,
) => { readonly type: CellType; readonly source: string } | null;

export function runStep(state: LiveNotebook, operation: RunOperation, read: CellReader): RunStep {
  const draft = new Draft(state, read);
  draft.apply(operation);
  return { state: draft.state, effects: draft.effects };
}

/** The cell that runs now. */
export function runningCell(state: LiveNotebook): { id: CellId; cell: LiveCell } | null {
  const id = state.queue[0];
  const cell = id === undefined ? undefined : liveCell(state, id);
  return id !== undefined && cell?.state === 'running' ? { id, cell } : null;
}

/** The cell whose newest run this is. */
export function cellWithRun(state: LiveNotebook, run: RunId): { id: CellId; cell: LiveCell } | null {
  const named = cellOfRun(run);
  const guess = named === null ? undefined : liveCell(state, named);
  if (named !== null && guess?.run === run) return { id: named, cell: guess };
  for (const [id, cell] of cellsOf(state)) if (cell.run === run) return { id, cell };
  return null;
}

class Draft {
  state: LiveNotebook;
  readonly effects: RunEffect[] = [];
  readonly #read: CellReader;

  constructor(state: LiveNotebook, read: CellReader) {
    this.state = state;
    this.#read = read;
  }

  apply(operation: RunOperation): void {
    switch (operation.do) {
      case 'queue':
        return this.#queue(operation.cells, operation.by, operation.at);
      case 'cancel':
        return this.#dequeue(operation.cells);
      case 'clear':
        return this.#clear(operation.cells);
      case 'results.put':
        return this.#putResults(operation.results);
      case 'started':
        return this.#started(operation.run, operation.executionCount, operation.at);
      case 'finished':
        return this.#finished(operation);
      case 'lost':
        this.#fail('lost', operation.at);
        return this.#dequeue();
      case 'kernel.chosen':
        return this.#kernel({ ...operation.chosen, status: 'starting', startedAt: operation.at });
      case 'kernel.ready':
        if (this.state.kernel.status === 'starting' || this.state.kernel.status === 'restarting')
          this.#kernel({ ...withoutReason(this.state.kernel), status: 'idle' });
        return this.#next(operation.at);
      case 'kernel.failed':
        return this.#startFailed(operation.reason, operation.at);
      case 'kernel.status':
        this.#status(operation.status, operation.reason);
        return this.#next(operation.at);
      case 'kernel.died':
        return this.#died(operation.reason, operation.at);
      case 'interrupt':
        return this.#interrupt();
      case 'restart':
        return this.#restart(operation.at);
      case 'shutdown':
        return this.#shutdown(operation.at);
      case 'input.wanted': {
        const found = runningCell(this.state);
        if (found?.cell.run !== operation.run) return;
        const { run, prompt, isPassword } = operation;
        return this.#cell(found.id, { ...found.cell, input: { run, prompt, isPassword } });
      }
      case 'input.answered': {
        const found = runningCell(this.state);
        if (found?.cell.input?.run !== operation.run) return this.#refuse('run/no-input');
        return this.#cell(found.id, without(found.cell, 'input'));
      }
      case 'cells.gone':
        return this.#dequeue(operation.cells);
      case 'cells.forget':
        return this.#forget(operation.cells);
      default:
        return assertNever(operation);
    }
  }

  #queue(cells: readonly AskedCell[], by: PersonRef | undefined, at: number): void {
    if (this.state.kernel.status === 'dead') return this.#refuse('kernel/dead');
    const asked = by === undefined ? { queuedAt: at } : { by, queuedAt: at };
    const queue = [...this.state.queue];
    for (const { cell: id, run, replaces } of cells) {
      if (this.#read(id)?.type !== 'code') continue;
      const cell = liveCell(this.state, id) ?? emptyLiveCell;
      if (cell.state === 'queued' || cell.again !== undefined) {
        if (replaces === undefined) continue;
        const isQueued = cell.state === 'queued';
        this.#cell(id, isQueued ? queued(cell, { run, ...asked }) : { ...cell, again: { run, ...asked } });
        continue;
      }
      queue.push(id);
      if (cell.state === 'running') {
        this.#cell(id, { ...cell, again: { run, ...asked } });
        continue;
      }
      this.#cell(id, queued(cell, { run, ...asked }));
    }
    if (queue.length === this.state.queue.length) return;
    this.#op({ op: 'queue', queue });
    if (this.state.kernel.status === 'none') this.#start();
    else this.#next(at);
  }

  #start(): void {
    this.#kernel({ ...withoutReason(this.state.kernel), status: 'starting' });
    this.effects.push({ effect: 'start-kernel' });
  }

  /** Starts the first waiting cell when the kernel is there and free. */
  #next(at: number): void {
    const { status } = this.state.kernel;
    if (status !== 'idle' && status !== 'busy') return;
    while (runningCell(this.state) === null) {
      const id = this.state.queue[0];
      const cell = id === undefined ? undefined : liveCell(this.state, id);
      if (id === undefined) return;
      const source = this.#read(id, cell?.run);
      if (cell?.run === undefined || source?.type !== 'code') {
        this.#leave(id, 0);
        continue;
      }
      const { run } = cell;
      const running = this.#begin(id, cell, source.source, at);
      if (source.source.trim() !== '') {
        this.effects.push({ effect: 'execute', cell: id, run, code: source.source });
        return;
      }
      // An empty cell is done at once; kernels count and answer it in different ways.
      const ended: LiveCell = { ...running, state: 'done', endedAt: at };
      this.#cell(id, ended);
      this.#op({ op: 'queue', queue: this.state.queue.slice(1) });
      this.effects.push({ effect: 'record', cell: id, run, ended });
    }
  }

  /** A cell that waited runs: what an earlier run left goes. */
  #begin(id: CellId, cell: LiveCell, source: string, at: number): LiveCell {
    const { run, by, queuedAt } = cell;
    if (cell.outputs.length > 0) this.#op({ op: 'outputs', cell: id, outputs: [] });
    const running: LiveCell = {
      state: 'running',
      ...(run === undefined ? {} : { run }),
      ...(by === undefined ? {} : { by }),
      ...(queuedAt === undefined ? {} : { queuedAt }),
      executionCount: null,
      startedAt: at,
      ranSource: sourceHash(source),
      outputs: [],
    };
    this.#cell(id, running);
    return running;
  }

  #started(run: RunId, executionCount: number | null, at: number): void {
    const found = cellWithRun(this.state, run);
    if (found !== null) {
      const { id, cell } = found;
      if (cell.state === 'running') return this.#cell(id, { ...cell, executionCount, startedAt: at });
      if (cell.state === 'queued' && runningCell(this.state) === null) {
        // It ran before a crash that forgot so, or before a death that is announced ahead of what led to it.
        const running = this.#begin(id, cell, this.#read(id)?.source ?? '', at);
        this.#cell(id, { ...running, executionCount });
        const others = this.state.queue.filter((waiting) => waiting !== id);
        return this.#op({ op: 'queue', queue: [id, ...others] });
      }
      if (cell.state !== 'failed' || cell.failure !== 'lost') return;
      const { failure: _lost, endedAt: _end, ...rest } = cell;
      this.#cell(id, { ...rest, state: 'running', executionCount });
      return this.#op({ op: 'queue', queue: [id, ...this.state.queue] });
    }
    this.#adopt(run, executionCount, at);
  }

  /** A run that was sent just before a crash and never committed: its id tells the cell. */
  #adopt(run: RunId, executionCount: number | null, at: number): void {
    const id = cellOfRun(run);
    const source = id === null ? null : this.#read(id);
    if (id === null || source?.type !== 'code' || runningCell(this.state) !== null) return;
    const old = liveCell(this.state, id);
    if (old !== undefined && old.outputs.length > 0) this.#op({ op: 'outputs', cell: id, outputs: [] });
    const waits = old?.state === 'queued' && old.run !== undefined;
    const again = waits
      ? { run: old.run, queuedAt: old.queuedAt ?? at, ...(old.by === undefined ? {} : { by: old.by }) }
      : undefined;
    this.#cell(id, {
      state: 'running',
      run,
      executionCount,
      startedAt: at,
      ranSource: sourceHash(source.source),
      ...(again === undefined ? {} : { again }),
      outputs: [],
    });
    this.#op({ op: 'queue', queue: [id, ...this.state.queue] });
  }

  #finished(operation: Extract<RunOperation, { do: 'finished' }>): void {
    const found = cellWithRun(this.state, operation.run);
    if (found === null) return;
    const { id, cell } = found;
    const isRunning = cell.state === 'running' && this.state.queue[0] === id;
    if (!isRunning && cell.failure !== 'lost') return;
    const { input: _input, isClearPending: _clear, again, failure: _failure, ...rest } = cell;
    const failure = failureOf(operation.status, cell);
    const ended: LiveCell = {
      ...rest,
      state: operation.status === 'ok' ? 'done' : 'failed',
      executionCount: operation.executionCount ?? cell.executionCount,
      endedAt: operation.at,
      ...(failure === undefined ? {} : { failure }),
    };
    this.#cell(id, ended);
    this.effects.push({ effect: 'record', cell: id, run: operation.run, ended });
    if (!isRunning) return;
    this.#op({ op: 'queue', queue: this.state.queue.slice(1) });
    if (operation.status !== 'ok' && operation.goesOn === undefined) {
      this.#op({ op: 'queue', queue: this.state.queue.filter((waiting) => waiting !== id) });
      this.#dequeue();
    } else if (again !== undefined) this.#cell(id, queued(ended, again));
    this.#next(operation.at);
  }

  /** The running cell ends here, by no doing of its own. */
  #fail(failure: RunFailure, at: number): void {
    const found = runningCell(this.state);
    if (found === null) return;
    const { input: _input, isClearPending: _clear, again: _again, ...rest } = found.cell;
    const ended: LiveCell = { ...rest, state: 'failed', failure, endedAt: at };
    this.#cell(found.id, ended);
    const waits = this.state.queue.slice(1).filter((id) => id !== found.id);
    this.#op({ op: 'queue', queue: waits });
    this.effects.push({ effect: 'record', cell: found.id, run: found.cell.run ?? null, ended });
  }

  /** Waiting cells go back to idle; with what they show. */
  #dequeue(cells?: readonly CellId[]): void {
    const chosen = cells === undefined ? null : new Set(cells);
    const running = runningCell(this.state)?.id;
    for (let i = this.state.queue.length - 1; i >= (running === undefined ? 0 : 1); i -= 1) {
      const id = this.state.queue[i];
      if (id !== undefined && (chosen === null || chosen.has(id))) this.#leave(id, i);
    }
  }

  #leave(id: CellId, index: number): void {
    this.#op({ op: 'queue', queue: this.state.queue.toSpliced(index, 1) });
    const cell = liveCell(this.state, id);
    if (cell?.state === 'running') this.#cell(id, without(cell, 'again'));
    else if (cell?.state === 'queued') this.#cell(id, idle(cell));
  }

  #clear(cells?: readonly CellId[]): void {
    for (const id of cells ?? cellsOf(this.state).map(([key]) => key)) {
      const cell = liveCell(this.state, id);
      if (cell === undefined) continue;
      const isBusy = cell.state === 'running' || cell.state === 'queued';
      if (cell.outputs.length === 0 && (isBusy || cell.executionCount === null)) continue;
      if (cell.outputs.length > 0) this.#op({ op: 'outputs', cell: id, outputs: [] });
      const rest = without({ ...cell, outputs: [] }, 'isClearPending');
      const cleared: LiveCell = isBusy ? rest : { state: 'idle', executionCount: null, outputs: [] };
      this.#cell(id, cleared);
      if (!isBusy) this.effects.push({ effect: 'record', cell: id, run: null, ended: cleared });
    }
  }

  #putResults(results: readonly PutResult[]): void {
    if (results.some(({ cell }) => liveCell(this.state, cell)?.state === 'running'))
      return this.#refuse('cell/running');
    for (const { cell: id, outputs, executionCount } of results) {
      const {
        ranSource: _ran,
        failure: _failure,
        isClearPending: _clear,
        ...was
      } = liveCell(this.state, id) ?? emptyLiveCell;
      const waits = was.state === 'queued';
      const put: LiveCell = waits
        ? { ...was, executionCount, outputs }
        : { state: 'idle', executionCount, outputs };
      this.#cell(id, put);
      this.#op({ op: 'outputs', cell: id, outputs });
      this.effects.push({ effect: 'record', cell: id, run: null, ended: put, isRestored: true });
    }
  }

  #startFailed(reason: string, at: number): void {
    this.#kernel({ status: 'none', reason });
    const first = this.state.queue[0];
    const cell = first === undefined ? undefined : liveCell(this.state, first);
    if (first !== undefined && cell !== undefined) {
      this.#op({ op: 'queue', queue: this.state.queue.slice(1) });
      const { input: _input, again: _again, ...rest } = cell;
      this.#cell(first, { ...rest, state: 'failed', failure: 'kernel-start', endedAt: at });
    }
    this.#dequeue();
  }

  #status(status: Exclude<KernelState['status'], 'none'>, reason: string | undefined): void {
    const { kernel } = this.state;
    const isSame = kernel.status === status && (reason ?? kernel.reason) === kernel.reason;
    if (isSame || kernel.status === 'none') return;
    this.#kernel({ ...withoutReason(kernel), status, ...(reason === undefined ? {} : { reason }) });
  }

  #died(reason: string | undefined, at: number): void {
    if (this.state.kernel.status === 'none') return;
    this.#status('dead', reason ?? 'The kernel ended by itself. Its variables are gone.');
    this.#fail('kernel-died', at);
    this.#dequeue();
    const text = this.state.kernel.reason ?? '';
    this.effects.push({ effect: 'mark', mark: 'kernel-died', text });
  }

  #interrupt(): void {
    const { kernel, status } = this.state.kernel;
    if (status === 'none' || status === 'dead') return this.#refuse('kernel/not-running');
    this.#dequeue();
    if (kernel === undefined) return;
    const running = runningCell(this.state);
    if (running?.cell.input !== undefined) this.#cell(running.id, without(running.cell, 'input'));
    this.effects.push({ effect: 'interrupt', kernel });
  }

  #restart(at: number): void {
    const { kernel, status } = this.state.kernel;
    this.#stop(at);
    if (kernel === undefined || status === 'none') return this.#start();
    this.#kernel({ ...withoutReason(this.state.kernel), status: 'restarting', startedAt: at });
    this.effects.push({ effect: 'restart', kernel }, { effect: 'mark', mark: 'kernel-restarted', text: '' });
  }

  #shutdown(at: number): void {
    const { kernel, status } = this.state.kernel;
    this.#stop(at);
    if (status === 'none') return;
    const { kernel: _gone, startedAt: _at, ...rest } = withoutReason(this.state.kernel);
    this.#kernel({ ...rest, status: 'none' });
    if (kernel !== undefined) this.effects.push({ effect: 'shutdown', kernel });
  }

  /** The kernel's memory goes: what ran in it counts no more; results stay. */
  #stop(at: number): void {
    this.#fail('interrupted', at);
    const cut = this.effects.at(-1);
    this.#dequeue();
    for (const [id, cell] of cellsOf(this.state)) {
      const wasCut = cut?.effect === 'record' && cut.cell === id;
      if (!wasCut && (cell.state === 'done' || cell.state === 'failed')) this.#cell(id, idle(cell));
    }
  }

  #forget(cells: readonly CellId[]): void {
    this.#dequeue(cells);
    const running = runningCell(this.state)?.id;
    for (const id of cells)
      if (id !== running && liveCell(this.state, id) !== undefined) this.#op({ op: 'cell.drop', cell: id });
  }

  #refuse(code: ErrorCode): void {
    this.effects.push({ effect: 'refused', code });
  }

  #kernel(kernel: KernelState): void {
    this.#op({ op: 'kernel', kernel });
  }

  #cell(id: CellId, cell: LiveCell): void {
    const { outputs: _outputs, ...run } = cell;
    this.#op({ op: 'cell', cell: id, run });
  }

  #op(op: LiveOp): void {
    this.state = applyLiveOp(this.state, op);
  }
}

/** It shows what it showed until it starts. */
function queued(cell: LiveCell, ask: NonNullable<LiveCell['again']>): LiveCell {
  return { ...idle(cell), ...ask, state: 'queued' };
}

function idle(cell: LiveCell): LiveCell {
  const { executionCount, ranSource, outputs } = cell;
  return { state: 'idle', executionCount, ...(ranSource === undefined ? {} : { ranSource }), outputs };
}

function without(cell: LiveCell, key: 'input' | 'again' | 'isClearPending'): LiveCell {
  const { input, again, isClearPending, ...rest } = cell;
  return {
    ...rest,
    ...(input === undefined || key === 'input' ? {} : { input }),
    ...(again === undefined || key === 'again' ? {} : { again }),
    ...(isClearPending === undefined || key === 'isClearPending' ? {} : { isClearPending }),
  };
}

function withoutReason(kernel: KernelState): KernelState {
  const { reason: _reason, ...rest } = kernel;
  return rest;
}

/** Some kernels say of a run that was interrupted what others say of one that they never began. */
function failureOf(status: 'ok' | 'error' | 'aborted' | 'lost', cell: LiveCell): RunFailure | undefined {
  if (status === 'lost') return 'kernel-died';
  if (status !== 'aborted') return undefined;
  return cell.executionCount !== null || cell.outputs.length > 0 ? 'interrupted' : 'aborted';
}
