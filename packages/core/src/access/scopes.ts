/** What a token may do in its project, beside what the person who made it may: the smaller of the two counts. */
import type { Action } from './rights.ts';

/** `read`: look. `run`: also use kernels. `edit`: also change documents and files. Looking is part of all three. */
export type TokenScope = 'read' | 'run' | 'edit';

const reading: readonly Action[] = ['document.read', 'file.read', 'people.read'];

const table: Readonly<Record<TokenScope, ReadonlySet<Action>>> = {
  read: new Set(reading),
  run: new Set<Action>([...reading, 'run', 'kernel.control']),
  edit: new Set<Action>([...reading, 'document.edit', 'file.write']),
};

export function scopesAllow(scopes: readonly TokenScope[], action: Action): boolean {
  return scopes.some((scope) => table[scope].has(action));
}
