/** JupyterLab inside Cahier: whether its page is there, and how far its preparation is. */
import { z } from 'zod';

export const labState = z.discriminatedUnion('phase', [
  /** Nobody has asked for it yet. */
  z.object({ phase: z.literal('absent') }),
  /** `done`: how much of the work, 0 to 1. */
  z.object({ phase: z.literal('working'), message: z.string(), done: z.number().min(0).max(1) }),
  /** `version`: of JupyterLab. */
  z.object({ phase: z.literal('ready'), version: z.string() }),
  /** `cure`: what helps, a sentence or a command. */
  z.object({ phase: z.literal('failed'), message: z.string(), cure: z.string() }),
]);
export type LabState = z.output<typeof labState>;
