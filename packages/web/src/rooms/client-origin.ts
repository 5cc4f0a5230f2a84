/** Which origin an edit is sent with, told from the origin of its Yjs transaction. Pure. */
import { type ClientOrigin, clientOrigin } from '@cahier/protocol/client/up.ts';
import * as Y from 'yjs';

export function clientOriginOf(origin: unknown): ClientOrigin {
  if (origin instanceof Y.UndoManager) return 'undo';
  if (typeof origin !== 'object' || origin === null || !('clientOrigin' in origin)) return 'typing';
  const parsed = clientOrigin.safeParse(origin.clientOrigin);
  return parsed.success ? parsed.data : 'typing';
}
