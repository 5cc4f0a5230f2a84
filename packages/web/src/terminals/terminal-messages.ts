/** What the server says on a terminal's socket, parsed; what it does not know is passed over. See server/src/terminals. */
import { z } from 'zod';

const person = z.object({ id: z.string(), name: z.string(), color: z.string() });
export type TerminalPerson = z.infer<typeof person>;

const terminalDown = z.union([
  z.tuple([z.literal('setup')], z.unknown()),
  z.tuple([z.literal('stdout'), z.string()]),
  z.tuple([z.literal('disconnect')], z.unknown()),
  z.tuple([z.literal('replay')], z.unknown()),
  z.tuple([z.literal('size'), z.number(), z.number()]),
  z.tuple([z.literal('people'), z.array(person)]),
  z.tuple([z.literal('ended'), z.number().nullable(), z.number().nullable()]),
]);
export type TerminalDown = z.infer<typeof terminalDown>;

export function readTerminalDown(data: unknown): TerminalDown | null {
  if (typeof data !== 'string') return null;
  try {
    return terminalDown.safeParse(JSON.parse(data)).data ?? null;
  } catch {
    return null;
  }
}

/** How a shell ended, in words. */
export function endInWords(code: number | null, signal: number | null): string {
  if (signal !== null) return `The shell was ended by signal ${signal}.`;
  if (code === null) return 'The shell has ended.';
  return code === 0 ? 'The shell has ended.' : `The shell ended with exit code ${code}.`;
}
