import { useCallback, useState } from 'react';

/** Is the element within about a screen of what is seen? One observer for all callers. */
type Listener = (isNear: boolean) => void;
const listeners = new Map<Element, Listener>();
let observer: IntersectionObserver | undefined;

export function observeNear(element: Element, listener: Listener): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
    },
    // The second one counts inside boxes that scroll: the history, a dialog.
    { rootMargin: '100% 0px', scrollMargin: '100% 0px' },
  );
  listeners.set(element, listener);
  observer.observe(element);
  const watching = observer;
  return () => {
    listeners.delete(element);
    watching.unobserve(element);
  };
}

/** What lies in `element` is covered: it stays as near as it is, unwatched, until the returned function is called. */
export function leaveUnwatched(element: Element): () => void {
  const covered = [...listeners.keys()].filter((each) => element.contains(each));
  for (const each of covered) observer?.unobserve(each);
  return () => {
    for (const each of covered) if (listeners.has(each)) observer?.observe(each);
  };
}

export function useIsNear(): readonly [boolean, (element: Element | null) => (() => void) | undefined] {
  const [isNear, setIsNear] = useState(false);
  const ref = useCallback(
    (element: Element | null) => (element ? observeNear(element, setIsNear) : undefined),
    [],
  );
  return [isNear, ref];
}
