/**
 * Puts the history of a semester (semester-trace.ts) into a data folder: one notebook of 200 cells, written by five
 * people, packed and with its steps derived, as a server that ran all along has it.
 *   const { project, path } = await openSemester(data);       // some 50 s for 500,000 steps
 *   const server = await ServerProcess.start({ data });
 * Runs name outputs that are not there: pages say so where they would stand.
 */
import { createHash } from 'node:crypto';
import { asDocumentId, asPersonId, asProjectId, type DocumentId, type ProjectId } from '@cahier/base/ids.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { HistoryPacker } from '@cahier/server/history/packer.ts';
import { loadDocument } from '@cahier/server/history/load-document.ts';
import { StepStore } from '@cahier/server/history/step-store.ts';
import { presenceColors } from '@cahier/server/people/colors.ts';
import * as Y from 'yjs';
import { fillDataFolder } from './fill-data-folder.ts';
import { semesterTrace } from './semester-trace.ts';

export interface OpenedSemester {
  readonly project: ProjectId;
  readonly document: DocumentId;
  readonly path: string;
  readonly entries: number;
  /** How long each part of the work took, ms. */
  readonly took: { readonly derive: number; readonly pack: number };
}

const project = asProjectId('semester-project');
const document = asDocumentId('semester');
const path = 'semester.ipynb';
const authors = 5;

export async function openSemester(data: string, wanted = 500_000): Promise<OpenedSemester> {
  const createdAt = Date.UTC(2026, 1, 1);
  const people = Array.from({ length: authors }, (_, i) => ({
    id: asPersonId(`person-${i}`),
    name: `Person ${i}`,
    color: presenceColors[i] ?? presenceColors[0],
  }));
  let entries = 0;
  const took = { derive: 0, pack: 0 };
  await fillDataFolder(data, { id: project, name: 'Semester', people, createdAt }, async ({ log, file }) => {
    await log.commit({ documents: [{ id: document, project, kind: 'notebook', path, epoch: 'semester' }] });
    for (const part of semesterTrace({ seed: 1, entries: wanted, authors }))
      await log.commit({ entries: part });
    entries = await log.lastSeq(document);
    const { doc } = await loadDocument(log, document, new Y.Doc());
    const bytes = kinds.notebook.toFile(kinds.notebook.read(doc));
    await file(path, bytes);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const state = Y.encodeStateAsUpdate(doc);
    await log.commit({
      mirrors: [{ document, hash, seq: entries }],
      snapshots: [{ document, seq: entries, state }],
    });
    took.derive = await timed(() => new StepStore({ log, steps: log }).catchUp(document));
    const clock = { now: () => Number.MAX_SAFE_INTEGER, after: () => ({ dispose: () => undefined }) };
    took.pack = await timed(() => new HistoryPacker({ store: log, clock }).pack(document));
  });
  return { project, document, path, entries, took };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
