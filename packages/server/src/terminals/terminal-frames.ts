/**
 * The messages of a terminal's socket: JSON arrays, as Jupyter's clients speak them, and what our own page says and hears
 * besides (it asks for them in the address: `?cahier=1`). Parsed here and nowhere else. Source: terminado (websocket.py), as observed.
 */
import { z } from 'zod';

export const mostRows = 1_000;
export const mostColumns = 2_000;

const count = (most: number) =>
  z
    .number()
    .transform((value) => Math.floor(value))
    .pipe(z.int().min(1).max(most));

/** `set_size`'s further numbers (pixels) are of no use here. */
export const terminalUp = z.union([
  z.tuple([z.literal('stdin'), z.string()], z.unknown()),
  z.tuple([z.literal('set_size'), count(mostRows), count(mostColumns)], z.unknown()),
  /** Ours: UTF-16 units of `stdout` drawn since the socket was opened. */
  z.tuple([z.literal('drawn'), z.int().nonnegative()], z.unknown()),
]);
export type TerminalUp = z.infer<typeof terminalUp>;

export type TerminalDown =
  | readonly ['setup', Record<string, never>]
  | readonly ['stdout', string]
  | readonly ['disconnect', 1]
  /** Ours: everything is drawn anew; what follows as `stdout` is what was shown lately. */
  | readonly ['replay', number]
  /** Ours: the size that all share, the smallest of those who look. */
  | readonly ['size', number, number]
  /** Ours: who looks, each person once. */
  | readonly ['people', readonly { readonly id: string; readonly name: string; readonly color: string }[]]
  /** Ours, before `disconnect`: exit code and signal. */
  | readonly ['ended', number | null, number | null];

/** Null: not a message of a terminal. Unknown ones are: Jupyter's server passes over them. */
export function readTerminalUp(text: string): TerminalUp | 'unknown' | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const isArray = Array.isArray(value) && typeof value[0] === 'string';
  if (!isArray) return null;
  return terminalUp.safeParse(value).data ?? 'unknown';
}
