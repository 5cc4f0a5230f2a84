/** Performs what the run machine decided: calls the runner, tells the history. Of its own it knows what code runs. */
import { AppError } from '@cahier/base/app-error.ts';
import { assertNever } from '@cahier/base/assert-never.ts';
import type { Clock } from '@cahier/base/clock.ts';
import { appError } from '@cahier/core/errors.ts';
import type { RunId } from '@cahier/base/ids.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { LiveNotebook, PersonRef } from '@cahier/core/runs/live.ts';
import { type RunEffect, runningCell } from '@cahier/core/runs/run-queue.ts';
import type { Runner } from '../runners/runner.ts';
import type { ClientRuns } from './client-runs.ts';
import type { KernelControl } from './kernel-control.ts';
import type { RunKeeping } from './run-keeping.ts';
import type { RunLog } from './run-log.ts';
import type { RunRoom } from './run-room.ts';

export interface RunEffectsOptions {
  readonly room: RunRoom;
  readonly runner: Pick<Runner, 'call'>;
  readonly keeping: RunKeeping;
  readonly kernel: KernelControl;
  readonly clients: Pick<ClientRuns, 'sent'>;
  readonly clock: Clock;
  readonly logger: RunLog;
  readonly live: () => LiveNotebook;
  /** The kernel cannot be given the running cell. */
  readonly lost: (reason: string) => void;
}

type Execute = Extract<RunEffect, { effect: 'execute' }>;
type Recorded = Extract<RunEffect, { effect: 'record' | 'mark' }>;

export const noAuthor: EntryAuthor = { person: null, name: '', session: null };

export class RunEffects {
  readonly #options: RunEffectsOptions;
  /** The entry of the history whose state the code of a run is. Lost with the process: then the run's code is not told. */
  readonly #codeSeqs = new Map<RunId, number>();

  constructor(options: RunEffectsOptions) {
    this.#options = options;
  }

  /** `author`: who asked for what led to the effect. Rejects only for an interrupt that the runner refuses. */
  async perform(effect: RunEffect, author: EntryAuthor): Promise<void> {
    const { kernel, runner } = this.#options;
    switch (effect.effect) {
      case 'start-kernel':
        return kernel.start(author);
      case 'execute':
        return this.execute(effect);
      case 'interrupt':
        await runner.call({ method: 'kernel.interrupt', kernel: effect.kernel });
        return;
      case 'restart':
        return kernel.restart(effect.kernel, author);
      case 'shutdown':
        return kernel.shutdown(effect.kernel);
      case 'record':
      case 'mark':
        return this.#record(effect, author);
      case 'refused':
        return;
      default:
        return assertNever(effect);
    }
  }

  /** Idempotent by the run's id: the runner runs it once. */
  async execute({ cell, run, code }: Execute): Promise<void> {
    const { room, runner, live, logger, lost, clients } = this.#options;
    const { kernel } = live().kernel;
    if (kernel === undefined) return;
    clients.sent(run);
    if (!this.#codeSeqs.has(run)) this.#codeSeqs.set(run, room.lastSeq);
    try {
      await runner.call({ method: 'kernel.execute', kernel, run, cell, code });
    } catch (error) {
      if (runningCell(live())?.cell.run !== run) return;
      logger.warn({ err: error, run }, 'a run could not be given to the kernel');
      lost(error instanceof AppError ? error.message : appError('kernel/dead').message);
    }
  }

  #record(effect: Recorded, author: EntryAuthor): void {
    const { room, keeping, clock, live } = this.#options;
    const base = { document: room.document, at: clock.now(), origin: 'run' } as const;
    if (effect.effect === 'mark') {
      const { mark, text } = effect;
      const by = mark === 'kernel-died' ? noAuthor : author;
      return keeping.record({ ...base, author: by, mark, text }, false);
    }
    const { cell: id, run, ended: cell, isRestored } = effect;
    if (run === null) {
      const origin = isRestored ? 'restore' : base.origin;
      return keeping.record({ ...base, origin, author, run, id, cell }, false);
    }
    const codeSeq = this.#codeSeqs.get(run);
    this.#codeSeqs.delete(run);
    const { name: kernel } = live().kernel;
    keeping.record(
      {
        ...base,
        author: authorOf(cell.by),
        run,
        id,
        cell,
        ...(codeSeq === undefined ? {} : { codeSeq }),
        ...(kernel === undefined ? {} : { kernel }),
      },
      false,
    );
  }
}

function authorOf(by: PersonRef | undefined): EntryAuthor {
  return by === undefined ? noAuthor : { person: by.id, name: by.name, session: null };
}
