/**
 * Whether results of the notebook at this address may load from anywhere on the internet: asked of each reader, kept for
 * this tab. Without a yes they get no further than the known hosts of libraries (the server's policy for the frame).
 */
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
const keyOf = () => `cahier-internet:${location.pathname}`;

function isAllowed(): boolean {
  try {
    return sessionStorage.getItem(keyOf()) === 'yes';
  } catch {
    return false;
  }
}

export function allowInternet(): void {
  sessionStorage.setItem(keyOf(), 'yes');
  for (const listener of listeners) listener();
}

export function useInternetAllowed(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, isAllowed);
}
