/**
 * Proves a data folder's histories whole: every entry reads and follows the one before, none is missing at the end, the
 * steps fold to the document that the log makes, every stored chunk of them reads, and what entries and last results
 * name in the blob store is there and is what its name says. It changes no history.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { BlobHash, DocumentId, ProjectId } from '@cahier/base/ids.ts';
import type { kinds } from '@cahier/core/documents/kinds.ts';
import { StepDeriver } from '@cahier/core/history/derive-steps.ts';
import type { DocumentRow, Entry } from '@cahier/core/history/entry.ts';
import { foldTo, pastCells } from '@cahier/core/history/fold.ts';
import { notebookOf, textOf } from '@cahier/core/history/restore.ts';
import { emptyPast, type PastDocument, type Step } from '@cahier/core/history/step.ts';
import type { LiveNotebook, LiveOutput } from '@cahier/core/runs/live.ts';
import { blobsOf } from '@cahier/core/runs/to-nb-output.ts';
import * as Y from 'yjs';
import { z } from 'zod';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { StepLog } from './step-log.ts';
import type { HistoryStore } from './history-store.ts';
import { readAround } from './read-around.ts';
import type { StepStore } from './step-store.ts';

export interface VerifyDeps {
  readonly store: HistoryStore;
  readonly steps: Pick<StepStore, 'past'>;
  readonly stepLog: Pick<StepLog, 'chunk' | 'summaries'>;
  /** The highest entry of a document that something else knows of: so far its history reached. */
  readonly knownSeqs?: ReadonlyMap<DocumentId, number>;
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
  for (const row of await deps.store.documents()) {
    try {
      yield await verified(deps, row, proven);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'object/unreachable') throw error;
      const known = { entries: await deps.store.lastSeq(row.id), hot: 0, segments: 0, blobs: 0 };
      yield { ...row, ...known, faults: [`it cannot be proven now. ${error.message}`] };
    }
  }
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
  faults.push(...(await chunkFaults(deps.stepLog, id)));
  const isDerivable = faults.length === 0;
  const replay = await replayed(store, id, last);
  for (const [from, to] of replay.damaged) {
    faults.push(
      from === to ? `entry ${from} is damaged or missing` : `entries ${from} to ${to} are damaged or missing`,
    );
  }
  const known = deps.knownSeqs?.get(id) ?? 0;
  if (known > last) faults.push(`entries ${last + 1} to ${known} are missing at its end`);
  for (const hash of replay.outputs) {
    if (!named.has(hash)) faults.push(`output ${hash} would be taken for one that nothing names`);
    named.add(hash);
  }
  if (replay.damaged.length === 0 && last > 0) {
    const read =
      row.kind === 'notebook' ? deps.kinds.notebook.read(replay.doc) : deps.kinds.text.read(replay.doc);
    const asRead = (past: PastDocument) =>
      JSON.stringify(row.kind === 'notebook' ? notebookOf(past) : textOf(past));
    const wanted = JSON.stringify(read);
    if (asRead(replay.folded) !== wanted) faults.push('its steps do not fold to the document');
    const stored = await deps.steps.past(id, last).catch(() => null);
    if (!isDerivable) {
      // Asking has made them anew.
    } else if (!stored || JSON.stringify(pastCells(stored)) !== JSON.stringify(pastCells(replay.folded))) {
      faults.push('its stored steps fold to another document (they can be derived again)');
    }
  }
  for (const hash of named) faults.push(...(await blobFaults(deps.blobs, project, hash, proven)));
  faults.push(...(await liveFaults(deps, project, id, proven)));
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
  /** What runs name. */
  readonly outputs: ReadonlySet<BlobHash>;
}

async function replayed(store: HistoryStore, id: DocumentId, last: number): Promise<Replayed> {
  const doc = new Y.Doc();
  const deriver = new StepDeriver(new Y.Doc(), emptyPast);
  const damaged: [number, number][] = [];
  const outputs = new Set<BlobHash>();
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
        if (entry.kind === 'run') outputs.add(entry.outputs);
        steps.push(deriver.apply(entry, 0));
      }
    }
    folded = foldTo(folded, steps, last);
  }
  deriver.dispose();
  return { doc, folded, damaged, outputs };
}

/** Stored chunks of steps that are not what was written. They can be derived again, and are when somebody asks. */
async function chunkFaults(steps: VerifyDeps['stepLog'], id: DocumentId): Promise<string[]> {
  const again = '(they can be derived again)';
  let reached = 0;
  try {
    for (const { from, to } of await steps.summaries(id)) {
      if (from !== reached + 1)
        return [`its stored steps ${reached + 1} to ${from - 1} are missing ${again}`];
      await steps.chunk(id, from);
      reached = to;
    }
    return [];
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'history/damaged') throw error;
    return [`its stored steps from ${reached + 1} on are damaged ${again}`];
  }
}

const liveNotebook = z.custom<LiveNotebook>(
  (value) => typeof value === 'object' && value !== null && 'cells' in value,
);

/** The last results of a notebook. */
async function liveFaults(
  { store, blobs }: VerifyDeps,
  project: ProjectId,
  id: DocumentId,
  proven: Map<string, string | null>,
): Promise<string[]> {
  const row = await store.live(id);
  if (!row) return [];
  const faults: string[] = [];
  try {
    const { cells } = liveNotebook.parse(JSON.parse(row.json));
    for (const { outputs } of Object.values(cells))
      for (const hash of outputs.flatMap(blobsOf)) {
        const fault = await proof(blobs, project, hash, proven);
        if (fault !== null) faults.push(fault);
      }
  } catch (error) {
    if (error instanceof AppError) throw error;
    faults.push('its last results cannot be read');
  }
  return faults;
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
  // Not whatever reads like a hash: people print such.
  for (const inner of new Set(outputsIn(bytes).flatMap(blobsOf))) {
    const fault = await proof(blobs, project, inner, proven);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

const liveOutputs = z.custom<readonly LiveOutput[]>(Array.isArray);

function outputsIn(bytes: Uint8Array): readonly LiveOutput[] {
  const outputs = liveOutputs.parse(JSON.parse(Buffer.from(bytes).toString()));
  return outputs.filter((output: unknown) => typeof output === 'object' && output !== null);
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
    (error: unknown) => {
      if (error instanceof AppError && error.code === 'object/unreachable') throw error;
      return false;
    },
  );
  const why = (await blobs.has(project, hash)) ? 'is damaged' : 'is missing';
  const fault = isWhole ? null : `output ${hash} ${why}`;
  proven.set(key, fault);
  return fault;
}
