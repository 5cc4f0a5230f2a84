/** The server's word on who made an update, as it travels both ways (core/rooms/voucher.ts). */
import { origins } from '@cahier/core/history/entry.ts';
import type { Voucher } from '@cahier/core/rooms/voucher.ts';
import { z } from 'zod';
import { personId, sessionId } from '../ids.ts';

export const voucher = z.object({
  person: personId.nullable(),
  name: z.string(),
  session: sessionId.nullable(),
  origin: z.enum(origins),
  seal: z.string().max(64),
}) satisfies z.ZodType<Voucher>;
