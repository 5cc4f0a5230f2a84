/** Short messages at the edge of the page, with at most one thing to do (Undo, Retry). One list for the whole page. */
import { type Readable, Store } from '../rooms/store.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'info' | 'problem';
  readonly action?: { readonly label: string; run(): void };
  /** Milliseconds until it goes by itself; null: stays. */
  readonly stayMs: number | null;
}

const shown = new Store<readonly Toast[]>([]);
export const toasts: Readable<readonly Toast[]> = shown;
let lastId = 0;

export interface ToastOptions {
  readonly action?: { readonly label: string; run(): void };
  readonly stayMs?: number | null;
}

export function toast(text: string, options: ToastOptions = {}): number {
  return add(text, 'info', options, options.action ? 10_000 : 5_000);
}

/** A thing that did not work: what happened, why, what to do. */
export function problemToast(error: unknown, options: ToastOptions = {}): number {
  const text = error instanceof Error ? error.message : String(error);
  return add(text, 'problem', options, 12_000);
}

export function dismissToast(id: number): void {
  shown.set(shown.get().filter((toast) => toast.id !== id));
}

function add(text: string, tone: Toast['tone'], options: ToastOptions, usualMs: number): number {
  const id = ++lastId;
  const stayMs = options.stayMs === undefined ? usualMs : options.stayMs;
  const next: Toast = { id, text, tone, stayMs, ...(options.action ? { action: options.action } : {}) };
  // The same sentence twice is one message.
  shown.set([...shown.get().filter((old) => old.text !== text), next].slice(-4));
  return id;
}
