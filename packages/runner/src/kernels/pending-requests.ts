/** Requests to a kernel that wait for their reply (completion, inspection…), each with its own deadline. */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { type ErrorCode, appError } from '@cahier/core/errors.ts';
import type { JupyterMessage } from '@cahier/core/jupyter/message.ts';

interface Pending {
  readonly resolve: (content: JsonObject) => void;
  readonly reject: (error: Error) => void;
  readonly deadline: Disposable;
}

export class PendingRequests {
  readonly #clock: Clock;
  readonly #byMessage = new Map<string, Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The reply's content. Throws `kernel/timeout` after `timeoutMs`: a busy kernel may answer only after its cell. */
  wait(messageId: string, timeoutMs: number): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      const deadline = this.#clock.after(timeoutMs, () => {
        this.#byMessage.delete(messageId);
        reject(appError('kernel/timeout'));
      });
      this.#byMessage.set(messageId, { resolve, reject, deadline });
    });
  }

  onReply(message: JupyterMessage): void {
    const id = message.parent?.msg_id ?? '';
    const pending = this.#byMessage.get(id);
    if (pending === undefined || !message.header.msg_type.endsWith('_reply')) return;
    this.#byMessage.delete(id);
    pending.deadline.dispose();
    pending.resolve(message.content);
  }

  failAll(code: ErrorCode): void {
    for (const pending of this.#byMessage.values()) {
      pending.deadline.dispose();
      pending.reject(appError(code));
    }
    this.#byMessage.clear();
  }
}
