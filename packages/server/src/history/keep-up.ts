/** Derives steps while nobody asks for them, so that opening a timeline after a long day has little to do. */
import { DisposableStore, type Disposable } from '@cahier/base/disposable.ts';
import type { Clock } from '@cahier/base/clock.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import type { Recorder } from './recorder.ts';
import type { StepStore } from './step-store.ts';

export interface KeepUpDeps {
  readonly recorder: Recorder;
  readonly steps: StepStore;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** New entries of a document after which its steps are derived. */
  readonly afterEntries?: number;
  /** How long a document must be quiet before that, ms. */
  readonly quietMs?: number;
}

/** Follows one recorder until disposed. Waits for a quiet moment of the document, so typing is never held up. */
export function keepUp({
  recorder,
  steps,
  clock,
  logger,
  afterEntries = 1_000,
  quietMs = 3_000,
}: KeepUpDeps): Disposable {
  const store = new DisposableStore();
  const waiting = new Map<DocumentId, Disposable>();
  const done = new Map<DocumentId, number>();
  const derive = (document: DocumentId, seq: number) => {
    waiting.delete(document);
    done.set(document, seq);
    steps.catchUp(document).catch((error: unknown) => {
      logger?.warn({ err: error, document }, 'steps could not be derived; they will be when asked for');
    });
  };
  store.add(() => {
    for (const timer of waiting.values()) timer.dispose();
  });
  store.add(
    recorder.onDurable(({ document, seq }) => {
      const from = done.get(document) ?? seq - 1;
      if (!done.has(document)) done.set(document, from);
      if (seq - from < afterEntries) return;
      waiting.get(document)?.dispose();
      waiting.set(
        document,
        clock.after(quietMs, () => derive(document, seq)),
      );
    }),
  );
  return store;
}
