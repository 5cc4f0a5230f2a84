import type { AppError } from '@cahier/base/app-error.ts';
import { useCallback, useEffect, useEffectEvent, useState } from 'react';
import { toAppError } from './to-app-error.ts';

export interface Answer<T> {
  readonly value: T | null;
  readonly error: AppError | null;
  /** Asks again; what is shown stays until the answer is there. */
  readonly reload: () => void;
}

/** Asks the server when `key` changes. Answers that came too late for their key are dropped. */
export function useAnswer<T>(key: string, ask: () => Promise<T>): Answer<T> {
  const [answer, setAnswer] = useState<{ key: string; value: T | null; error: AppError | null } | null>(null);
  const [round, setRound] = useState(0);
  const askNow = useEffectEvent(ask);
  useEffect(() => {
    let isLate = false;
    askNow().then(
      (value) => !isLate && setAnswer({ key, value, error: null }),
      (cause: unknown) =>
        !isLate &&
        setAnswer((old) => ({ key, value: old?.key === key ? old.value : null, error: toAppError(cause) })),
    );
    return () => {
      isLate = true;
    };
  }, [key, round]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  const isMine = answer?.key === key;
  return { value: isMine ? answer.value : null, error: isMine ? answer.error : null, reload };
}
