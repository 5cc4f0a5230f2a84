/**
 * What a command of `cahier` gets from the process it runs in, and the exit codes it ends with. A command reads and
 * writes files and the two streams; it never ends the process itself.
 */
export interface CommandIo {
  /** Where relative paths start. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Is standard output a terminal? */
  readonly isTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
}

/** As `diff` and `cmp` have them; for `merge`, `differ` means: a person should look. */
export const exits = { ok: 0, differ: 1, trouble: 2 } as const;
export type Exit = (typeof exits)[keyof typeof exits];

/** The person asked for something that there is not; the sentence says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `always` and `never` come from an option; otherwise a terminal gets colours, and so does a pager that Git started. */
export function isColoured(choice: string | undefined, io: CommandIo): boolean {
  if (choice === 'always' || choice === 'never') return choice === 'always';
  if ((io.env['NO_COLOR'] ?? '') !== '' || io.env['TERM'] === 'dumb') return false;
  return io.isTerminal || io.env['GIT_PAGER_IN_USE'] === 'true';
}
