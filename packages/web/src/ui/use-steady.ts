import { useCallback, useLayoutEffect, useRef } from 'react';

/** One function for as long as the component lives, which does what the latest `task` does. For events: not while drawing. */
export function useSteady<A extends readonly unknown[], R>(task: (...args: A) => R): (...args: A) => R {
  const latest = useRef(task);
  useLayoutEffect(() => {
    latest.current = task;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
