/**
 * Is the kernel of this notebook really there? Compares what the live document says with what the runner says when it
 * connects, asks again for what was asked just before a cut, and does not let the page show a kernel that nobody has
 * heard of for a while.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { type Disposable, DisposableStore } from '@cahier/base/disposable.ts';
import type { KernelId, RunId } from '@cahier/base/ids.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { LiveNotebook } from '@cahier/core/runs/live.ts';
import { type RunOperation, runningCell } from '@cahier/core/runs/run-queue.ts';
import type { KernelControl } from './kernel-control.ts';
import type { RunEffects } from './run-effects.ts';
import type { RunRoom } from './run-room.ts';

/** What the runner said of one kernel when it connected, and since. */
export interface KernelSeen {
  readonly kernel: KernelId;
  readonly status: string;
  readonly activeRun: RunId | null;
}

export interface KernelPresenceOptions {
  readonly room: RunRoom;
  readonly clock: Clock;
  readonly kernel: KernelControl;
  readonly effects: Pick<RunEffects, 'execute'>;
  readonly live: () => LiveNotebook;
  readonly asker: () => EntryAuthor;
  readonly step: (operation: RunOperation) => void;
}

/** Without its runner for so long, a kernel is shown as not there, ms. */
const unreachableAfterMs = 2_800;
/** The same after a start of the server, when runners of its earlier life are still dialling. */
const awaitedForMs = 6_000;
/** For so long, what ran in it is given up. */
const lostAfterMs = 20_000;

const silent = 'The process that runs code for this project does not answer.';
const ended = 'The process that ran the kernel ended. Its variables are gone.';

export class KernelPresence implements Disposable {
  readonly #options: KernelPresenceOptions;
  #patience = new DisposableStore();

  constructor(options: KernelPresenceOptions) {
    this.#options = options;
  }

  connected(kernels: readonly KernelSeen[]): void {
    this.#endPatience();
    const { kernel: control, live, asker } = this.#options;
    const { kernel, status } = live().kernel;
    if (status === 'none') return this.#adopt(kernels);
    if (control.isMoving) return;
    if (status === 'starting') {
      void control.startAgain(asker());
      return;
    }
    const seen = kernels.find((candidate) => candidate.kernel === kernel);
    if (seen !== undefined) this.#resume(seen);
    else if (status !== 'dead' || live().queue.length > 0) this.lost(ended);
  }

  disconnected(): void {
    this.#waitFor(unreachableAfterMs);
  }

  /** The server has just started: the runner is expected. */
  awaited(): void {
    this.#waitFor(awaitedForMs);
  }

  /** There is no runner, and none is expected. */
  gone(): void {
    this.#endPatience();
    if (this.#hasKernel || this.#options.live().queue.length > 0) this.lost(ended);
  }

  /** Neither the kernel nor what ran in it will be heard of again (and if it is all the same, `started` revives it). */
  lost(reason: string): void {
    const at = this.#options.clock.now();
    this.#options.step({ do: 'lost', at });
    this.#options.step({ do: 'kernel.died', reason, at });
  }

  dispose(): void {
    this.#patience.dispose();
  }

  get #hasKernel(): boolean {
    const { status } = this.#options.live().kernel;
    return status !== 'none' && status !== 'dead';
  }

  #waitFor(ms: number): void {
    if (!this.#hasKernel) return;
    const { clock, step } = this.#options;
    const showDead = () => step({ do: 'kernel.status', status: 'dead', reason: silent, at: clock.now() });
    this.#patience.add(clock.after(ms, showDead));
    this.#patience.add(clock.after(lostAfterMs, () => this.lost(silent)));
  }

  #endPatience(): void {
    this.#patience.dispose();
    this.#patience = new DisposableStore();
  }

  /** The kernel lives: what it was asked just before the link was cut is asked again; the runner knows what it had. */
  #resume(seen: KernelSeen): void {
    const { clock, step, live, room, effects } = this.#options;
    // A death is told by an event, after everything the kernel said before it.
    if (seen.status === 'idle' || seen.status === 'busy')
      step({ do: 'kernel.status', status: seen.status, at: clock.now() });
    const running = runningCell(live());
    const run = running?.cell.run;
    if (running === null || run === undefined || seen.activeRun === run) return;
    const code = room.cell(running.id)?.source ?? '';
    void effects.execute({ effect: 'execute', cell: running.id, run, code });
  }

  /** A kernel that was started just before a crash and never committed. */
  #adopt(kernels: readonly KernelSeen[]): void {
    const { room, clock, step, live } = this.#options;
    const found = kernels.find(({ status }) => status !== 'dead');
    if (found === undefined || live().kernel.kernel !== undefined) return;
    const { name = '', language = '' } = room.wantedKernel();
    const chosen = { kernel: found.kernel, name, displayName: name, language };
    const at = clock.now();
    step({ do: 'kernel.chosen', chosen, at });
    step({ do: 'kernel.ready', at });
  }
}
