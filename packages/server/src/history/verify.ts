/**
 * Proves a data folder's histories whole: every entry reads and follows the one before, the steps fold to the document
 * that the log makes, and the blobs that entries name are there and are what their names say. It changes nothing.
 */
import type { BlobHash, DocumentId, ProjectId } from '@cahier/base/ids.ts';
import type { kinds } from '@cahier/core/documents/kinds.ts';
import { StepDeriver } from '@cahier/core/history/derive-steps.ts';
import type { DocumentRow, Entry } from '@cahier/core/history/entry.ts';
import { foldTo, pastCells } from '@cahier/core/history/fold.ts';
import { notebookOf, textOf } from '@cahier/core/history/restore.ts';
import { emptyPast, type PastDocument, type Step } from '@cahier/core/history/step.ts';
import * as Y from 'yjs';
import { hashesIn } from '../blobs/blob-collector.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { HistoryStore } from './history-store.ts';
import { readAround } from './read-around.ts';
import type { StepStore } from './step-store.ts';

export interface VerifyDeps {
  readonly store: HistoryStore;
  readonly steps: Pick<StepStore, 'past'>;
  readonly blobs: BlobStore;
  readonly kinds: typeof kinds;
}

export interface VerifiedDocument extends DocumentRow {
  readonly project: ProjectId;
  readonly entries: number;
  readonly hot: number;
  readonly segments: number;
  readonly blobs: number;
  /** Each is a sentence; none: the document is whole. */
  readonly faults: readonly string[];
}

const entriesAtOnce = 2_000;

/** One document after the other. */
export async function* verifyHistories(deps: VerifyDeps): AsyncGenerator<VerifiedDocument, void> {
  const proven = new Map<string, string | null>();
  for (const row of await deps.store.documents()) yield verified(deps, row, proven);
}

async function verified(
  deps: VerifyDeps,
  row: DocumentRow & { readonly project: ProjectId },
  proven: Map<string, string | null>,
): Promise<VerifiedDocument> {
  const { store } = deps;
  const { id, project } = row;
  const faults: string[] = [];
  const last = await store.lastSeq(id);
  const named = new Set<BlobHash>(await store.runBlobs(id));
  const replay = await replayed(store, id, last);
  for (const [from, to] of replay.damaged) {
    faults.push(
      from === to ? `entry ${from} is damaged or missing` : `entries ${from} to ${to} are damaged or missing`,
    );
  }
  if (faults.length === 0 && last > 0) {
    const read =
      row.kind === 'notebook' ? deps.kinds.notebook.read(replay.doc) : deps.kinds.text.read(replay.doc);
    const asRead = (past: PastDocument) =>
      JSON.stringify(row.kind === 'notebook' ? notebookOf(past) : textOf(past));
    const wanted = JSON.stringify(read);
    if (asRead(replay.folded) !== wanted) faults.push('its steps do not fold to the document');
    const stored = await deps.steps.past(id, last).catch(() => null);
    if (!stored || JSON.stringify(pastCells(stored)) !== JSON.stringify(pastCells(replay.folded))) {
      faults.push('its stored steps fold to another document (they can be derived again)');
    }
  }
  for (const hash of named) faults.push(...(await blobFaults(deps.blobs, project, hash, proven)));
  const hot = await store.hotStretch(id);
  const segments = await store.segments(id, 1, Number.MAX_SAFE_INTEGER);
  return {
    ...row,
    entries: last,
    hot: hot?.count ?? 0,
    segments: segments.length,
    blobs: named.size,
    faults,
  };
}

interface Replayed {
  readonly doc: Y.Doc;
  /** Steps derived here and folded, chunk by chunk. */
  readonly folded: PastDocument;
  readonly damaged: readonly (readonly [from: number, to: number])[];
}

async function replayed(store: HistoryStore, id: DocumentId, last: number): Promise<Replayed> {
  const doc = new Y.Doc();
  const deriver = new StepDeriver(new Y.Doc(), emptyPast);
  const damaged: [number, number][] = [];
  let folded = emptyPast;
  for (let from = 1; from <= last; from += entriesAtOnce) {
    const read = await readAround(store, id, from, Math.min(last, from + entriesAtOnce - 1));
    const steps: Step[] = [];
    for (const entry of read) {
      if (typeof entry === 'number') {
        const stretch = damaged.at(-1);
        if (stretch && stretch[1] === entry - 1) stretch[1] = entry;
        else damaged.push([entry, entry]);
        deriver.skip(entry);
      } else {
        applied(doc, entry);
        steps.push(deriver.apply(entry, 0));
      }
    }
    folded = foldTo(folded, steps, last);
  }
  deriver.dispose();
  return { doc, folded, damaged };
}

function applied(doc: Y.Doc, entry: Entry): void {
  if (entry.kind !== 'update') return;
  try {
    Y.applyUpdate(doc, entry.update);
  } catch {
    // Bytes that no room would have taken: what they did before they failed is in both readings.
  }
}

/** The blob of a run's outputs, and those that it names in turn. */
async function blobFaults(
  blobs: BlobStore,
  project: ProjectId,
  hash: BlobHash,
  proven: Map<string, string | null>,
): Promise<string[]> {
  const outer = await proof(blobs, project, hash, proven);
  if (outer !== null) return [outer];
  const bytes = await blobs.get(project, hash);
  const faults: string[] = [];
  for (const inner of new Set(hashesIn(Buffer.from(bytes).toString('latin1')))) {
    const fault = await proof(blobs, project, inner, proven);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

async function proof(
  blobs: BlobStore,
  project: ProjectId,
  hash: BlobHash,
  proven: Map<string, string | null>,
): Promise<string | null> {
  const key = `${project} ${hash}`;
  const known = proven.get(key);
  if (known !== undefined) return known;
  const isWhole = await blobs.get(project, hash).then(
    () => true,
    () => false,
  );
  const why = (await blobs.has(project, hash)) ? 'is damaged' : 'is missing';
  const fault = isWhole ? null : `output ${hash} ${why}`;
  proven.set(key, fault);
  return fault;
}
