/**
 * Does the kernel work on something that is no run of a cell: a console's code, a widget's callback? What it says of
 * itself, without the requests that run nobody's code and without what is over in a moment. Sends nothing.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { type JupyterMessage, kernelStatusContent } from '@cahier/core/jupyter/message.ts';

/** Shorter work is not shown: sliders that are dragged. */
const shownAfterMs = 150;
/** Work that has no end that could be heard of (the kernel forgot to say `idle`). */
const mostOpen = 1_000;

/** Nobody's code: what keeps house, and what an editor asks while somebody types. */
const noWork: ReadonlySet<string> = new Set([
  'complete_request',
  'inspect_request',
  'is_complete_request',
  'history_request',
  'kernel_info_request',
  'comm_info_request',
  'shutdown_request',
  'interrupt_request',
  'debug_request',
  'create_subshell_request',
  'delete_subshell_request',
  'list_subshell_request',
]);

export class ForeignWork {
  readonly #clock: Clock;
  readonly #changed: (isBusy: boolean) => void;
  readonly #open = new Set<string>();
  #isShown = false;
  #timer: Disposable | null = null;

  constructor(clock: Clock, changed: (isBusy: boolean) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** As it is shown. */
  get isBusy(): boolean {
    return this.#isShown;
  }

  /** Messages that belong to no run. */
  onIopub({ header, parent, content }: JupyterMessage): void {
    if (header.msg_type !== 'status' || parent === null || noWork.has(parent.msg_type)) return;
    const state = kernelStatusContent.parse(content).execution_state;
    if (state === 'busy') this.#begin(parent.msg_id);
    else if (state === 'idle' && this.#open.delete(parent.msg_id) && this.#open.size === 0) this.#end();
  }

  /** The kernel's life is over. */
  reset(): void {
    this.#open.clear();
    this.#timer?.dispose();
    this.#timer = null;
    this.#isShown = false;
  }

  #begin(request: string): void {
    if (this.#open.size >= mostOpen) return;
    this.#open.add(request);
    if (this.#isShown) return;
    this.#timer ??= this.#clock.after(shownAfterMs, () => {
      this.#timer = null;
      this.#isShown = true;
      this.#changed(true);
    });
  }

  #end(): void {
    this.#timer?.dispose();
    this.#timer = null;
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#changed(false);
  }
}
