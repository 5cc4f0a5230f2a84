/** Transaction origins of this person's own edits: what the server is told, and what the own undo may take back. */
import type { ClientOrigin } from '@cahier/protocol/client/up.ts';

export class LocalOrigin {
  readonly clientOrigin: ClientOrigin;

  constructor(clientOrigin: ClientOrigin) {
    this.clientOrigin = clientOrigin;
  }
}

export const typing = new LocalOrigin('typing');
export const pasting = new LocalOrigin('paste');
export const structuring = new LocalOrigin('structure');
/** No text comes that had not been in the document. */
export const rearranging = new LocalOrigin('rearrangement');
