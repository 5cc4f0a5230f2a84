/**
 * Some kernels do not hear an interrupt, and code may catch it: when a cell runs on after one of mine, what does end it is
 * offered. Goes by itself as soon as the cell has ended.
 */
import { runningCell } from '@cahier/core/runs/run-queue.ts';
import { useEffect } from 'react';
import { useStore } from '../rooms/use-store.ts';
import { dismissToast, toast } from '../ui/toasts.ts';
import { useNotebook } from './use-cell.ts';

/** A kernel that hears of it needs a moment to come out of compiled code. */
const patienceMs = 5_000;

export function InterruptWatch({ onRestart }: { onRestart(): void }) {
  const { model } = useNotebook();
  const interrupted = useStore(model.interrupted);
  const running = useStore(model.session.live, (live) => runningCell(live)?.cell.run ?? null);
  const isStillRunning = interrupted !== null && interrupted === running;
  useEffect(() => {
    if (!isStillRunning) return;
    let shown: number | null = null;
    const timer = setTimeout(() => {
      const text = 'The cell runs on: its kernel does not react to the interrupt. A restart ends it.';
      shown = toast(text, { action: { label: 'Restart…', run: onRestart }, stayMs: null });
    }, patienceMs);
    return () => {
      clearTimeout(timer);
      if (shown !== null) dismissToast(shown);
    };
  }, [isStillRunning, onRestart]);
  return null;
}
