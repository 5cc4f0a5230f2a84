/**
 * An output with a life of its own (a frame whose scripts hold state) asks its cell to stay while it lives, however far
 * the reader scrolls. Whoever draws outputs lazily provides this; without a provider nothing is held.
 */
import { createContext, useContext } from 'react';

/** Returns the end of the hold. */
export type KeepMounted = () => () => void;

const context = createContext<KeepMounted>(() => () => {});
export const KeepMountedProvider = context.Provider;

export function useKeepMounted(): KeepMounted {
  return useContext(context);
}
