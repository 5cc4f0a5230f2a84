import type { Disposable } from '@cahier/base/disposable.ts';

const everyMs = 50;

/** How late the event loop was at the last look, ms: rooms send in larger portions when it is behind. */
export function watchLag(): Disposable & { readonly ms: () => number } {
  let lag = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    lag = Math.max(0, now - last - everyMs);
    last = now;
  }, everyMs);
  timer.unref();
  return { ms: () => lag, dispose: () => clearInterval(timer) };
}
