/** Port: what a restore needs of the history (history/ implements it). */
import type { DocumentId } from '@cahier/base/ids.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';

/** The document at a moment. Throws `history/range`. */
export type PastReader = (document: DocumentId, seq: number) => Promise<PastDocument>;
