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
    { rootMargin: '100% 0px' },
  );
  listeners.set(element, listener);
  observer.observe(element);
  const watching = observer;
  return () => {
    listeners.delete(element);
    watching.unobserve(element);
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
