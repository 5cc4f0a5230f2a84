/**
 * The runs of one notebook that Jupyter's clients asked for by messages of their own: who waits for which answer, and with
 * what code. In memory only: after a restart of the server the runner still has the message and sends it in its turn.
 */
import { Emitter } from '@cahier/base/emitter.ts';
import type { CellId, PersonId, RunId } from '@cahier/base/ids.ts';
import { liveCell } from '@cahier/core/runs/apply-live-op.ts';
import type { LiveNotebook } from '@cahier/core/runs/live.ts';

export interface ClientRequest {
  readonly cell: CellId;
  readonly code: string;
  /** The client asked that an error stops nothing. */
  readonly goesOn: boolean;
  /** Header, parent, metadata, content, buffers. */
  readonly parts: readonly Uint8Array[];
  /** The client's name over reconnects; null when it gave none. */
  readonly clientSession: string | null;
}

/** `waiting` → `running` → `ended`, or `waiting` → `ended`. */
export interface ClientRunChange {
  readonly cell: CellId;
  readonly run: RunId;
  /** Who asked. */
  readonly person: PersonId | null;
  readonly clientSession: string | null;
  readonly state: 'waiting' | 'running' | 'ended';
}

interface ClientRun extends Omit<ClientRequest, 'parts'> {
  readonly person: PersonId | null;
  /** Set until the kernel is given the message or it left the queue. */
  decide: ((outcome: 'sent' | 'dropped') => void) | null;
}

export class ClientRuns {
  readonly changed = new Emitter<ClientRunChange>();
  readonly #runs = new Map<RunId, ClientRun>();
  /** Taken, but not yet in the queue. */
  #entering: RunId | null = null;

  add(
    run: RunId,
    { cell, code, goesOn, clientSession }: ClientRequest,
    person: PersonId | null,
  ): Promise<'sent' | 'dropped'> {
    return new Promise((decide) => {
      this.#entering = run;
      this.#runs.set(run, { cell, code, goesOn, clientSession, person, decide });
      this.#tell(run, 'waiting');
    });
  }

  codeOf(run: RunId): string | undefined {
    return this.#runs.get(run)?.code;
  }

  goesOn(run: RunId): boolean {
    return this.#runs.get(run)?.goesOn ?? false;
  }

  /** The kernel is given the message. */
  sent(run: RunId): void {
    const found = this.#runs.get(run);
    if (!found?.decide) return;
    found.decide('sent');
    found.decide = null;
    this.#tell(run, 'running');
  }

  ended(run: RunId): void {
    if (!this.#runs.has(run)) return;
    this.#tell(run, 'ended');
    this.#runs.get(run)?.decide?.('dropped');
    this.#runs.delete(run);
  }

  /** What was taken is in the queue now, or was not let in. */
  entered(live: LiveNotebook): void {
    this.#entering = null;
    this.review(live);
  }

  /** Those that neither wait nor run any more were taken out of the queue, or their end was not told. */
  review(live: LiveNotebook): void {
    for (const [run, { cell: id }] of this.#runs) {
      const cell = liveCell(live, id);
      const isOpen = cell?.state === 'queued' || cell?.state === 'running';
      const isThere = (isOpen && cell.run === run) || cell?.again?.run === run;
      if (!isThere && run !== this.#entering) this.ended(run);
    }
  }

  #tell(run: RunId, state: ClientRunChange['state']): void {
    const found = this.#runs.get(run);
    if (!found) return;
    const { cell, clientSession, person } = found;
    this.changed.emit({ cell, run, person, clientSession, state });
  }
}
