/**
 * The history log's vocabulary. The hot log keeps every entry in server order; nothing is merged away.
 * `seq` counts from 1 per document without gaps.
 */
import type { BlobHash, CellId, DocumentId, PersonId, RunId, SessionId } from '@cahier/base/ids.ts';
import type { KindId } from '../documents/kind.ts';
import type { RunState } from '../runs/live.ts';

/**
 * Where an edit came from. Append only: rows, segments and chunks of steps keep the place in this list.
 * `structure`: cells that came or changed, perhaps with new text; `rearrangement`: cells split, merged, moved, removed or
 * brought back, with no text that had not been in the document. `offline`: typed without a link, the others with it in
 * their names alike. `recovery`: what a replica still had of others' edits when the server had lost them in a crash.
 */
export const origins = [
  'typing',
  'paste',
  'structure',
  'undo',
  'offline',
  'run',
  'restore',
  'disk',
  'import',
  'api',
  'jupyterlab',
  'rearrangement',
  'offline-paste',
  'offline-structure',
  'offline-rearrangement',
  'offline-undo',
  'recovery',
] as const;
export type Origin = (typeof origins)[number];

/** Origins that a client may claim. */
export type LocalOrigin = Exclude<
  Origin,
  'run' | 'restore' | 'disk' | 'import' | 'api' | 'jupyterlab' | 'recovery'
>;

/** The same edit, made without a link. */
export function offlineOrigin(origin: LocalOrigin): LocalOrigin {
  switch (origin) {
    case 'typing':
      return 'offline';
    case 'paste':
      return 'offline-paste';
    case 'structure':
      return 'offline-structure';
    case 'rearrangement':
      return 'offline-rearrangement';
    case 'undo':
      return 'offline-undo';
    default:
      return origin;
  }
}

/** What was done, whether there was a link or not. */
export function actOf(origin: Origin) {
  switch (origin) {
    case 'offline':
      return 'typing';
    case 'offline-paste':
      return 'paste';
    case 'offline-structure':
      return 'structure';
    case 'offline-rearrangement':
      return 'rearrangement';
    case 'offline-undo':
      return 'undo';
    default:
      return origin;
  }
}

export interface EntryAuthor {
  /** null: no person (a change on disk by another program). */
  readonly person: PersonId | null;
  readonly name: string;
  readonly session: SessionId | null;
}

interface EntryBase {
  readonly document: DocumentId;
  readonly seq: number;
  /** Server time, ms since the epoch. */
  readonly at: number;
  readonly author: EntryAuthor;
  readonly origin: Origin;
}

/** A change of the source document: one Yjs update (v1 encoding), as it took effect on the server. */
export interface UpdateEntry extends EntryBase {
  readonly kind: 'update';
  readonly update: Uint8Array;
}

/** A run that ended (or outputs that came with a file: `run` null). Outputs are a JSON list of LiveOutput in a blob. */
export interface RunEntry extends EntryBase {
  readonly kind: 'run';
  readonly run: RunId | null;
  readonly cell: CellId;
  readonly state: RunState;
  readonly executionCount: number | null;
  readonly startedAt: number | null;
  readonly outputs: BlobHash;
  /** The code that ran is the source of the cell after this entry; absent: not known (a restart came between). */
  readonly codeSeq?: number;
  /** Name of the kernelspec. */
  readonly kernel?: string;
}

/**
 * Something worth a mark on the timeline that changes no content; `carried` is none: who wrote what, where a purge has
 * removed the steps that told it (carried.ts).
 */
export interface MarkEntry extends EntryBase {
  readonly kind: 'mark';
  readonly mark: 'kernel-restarted' | 'kernel-died' | 'named' | 'restored' | 'renamed' | 'purged' | 'carried';
  readonly text: string;
}

export type Entry = UpdateEntry | RunEntry | MarkEntry;

type Unnumbered<E> = E extends Entry ? Omit<E, 'seq'> : never;
/** An entry before the log has given it its number. */
export type NewEntry = Unnumbered<Entry>;

export interface DocumentRow {
  readonly id: DocumentId;
  readonly kind: KindId;
  readonly path: string;
  /** Names one unbroken history; a client with another epoch must not merge. */
  readonly epoch: string;
}
