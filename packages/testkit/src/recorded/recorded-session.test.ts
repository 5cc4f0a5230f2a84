/** The recorded session that is shipped: it is what its script makes, whole, and opens in a server's data folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { notebookOf } from '@cahier/core/history/restore.ts';
import { DiskBlobStore } from '@cahier/server/adapters/disk/disk-blob-store.ts';
import { SqliteHistoryLog } from '@cahier/server/adapters/sqlite/history-log.ts';
import { loadDocument } from '@cahier/server/history/load-document.ts';
import { StepStore } from '@cahier/server/history/step-store.ts';
import { verifyHistories } from '@cahier/server/history/verify.ts';
import { afterAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { openRecordedSession } from './open-recorded-session.ts';
import { recordSession } from './record-session.ts';
import { packSession, recordedSession, unpackSession } from './recorded-session.ts';

const folder = await mkdtemp(join(tmpdir(), 'cahier-recorded-'));
afterAll(() => rm(folder, { recursive: true }));

describe('the recorded session', { timeout: 60_000 }, () => {
  it('is what its script makes (else: node scripts/record-session.ts)', async () => {
    const made = unpackSession(packSession(await recordSession()));
    const shipped = await recordedSession();
    expect(made.entries).toEqual(shipped.entries);
    expect(made.files).toEqual(shipped.files);
  });

  it('shows everything that a history can show', async () => {
    const { entries, people } = await recordedSession();
    const has = (kind: string) => entries.some((entry) => entry.kind === 'mark' && entry.mark === kind);
    expect(['named', 'kernel-died', 'kernel-restarted'].filter((kind) => !has(kind))).toEqual([]);
    const origins = new Set(entries.map(({ origin }) => origin));
    expect([...origins].sort()).toEqual(
      ['disk', 'import', 'paste', 'restore', 'run', 'structure', 'typing', 'undo'].sort(),
    );
    const runs = entries.flatMap((entry) => (entry.kind === 'run' ? [entry] : []));
    expect(new Set(runs.map(({ kernel }) => kernel))).toEqual(new Set(['python3', 'python3-lab']));
    expect(runs.some(({ state }) => state === 'failed')).toBe(true);
    expect(new Set(entries.map(({ author }) => author.person).filter((id) => id !== null))).toEqual(
      new Set(people.map(({ id }) => id)),
    );
  });

  it('opens in a data folder, whole, and folds to its document', async () => {
    const { document, entries } = await openRecordedSession(folder);
    const log = await SqliteHistoryLog.open(join(folder, 'history.sqlite'));
    const steps = new StepStore({ log, steps: log });
    const blobs = new DiskBlobStore({ folder: join(folder, 'blobs') });
    const faults: string[] = [];
    for await (const verified of verifyHistories({ store: log, steps, stepLog: log, blobs, kinds }))
      faults.push(...verified.faults);
    expect(faults).toEqual([]);
    const { doc } = await loadDocument(log, document, new Y.Doc());
    expect(notebookOf(await steps.past(document, entries))).toEqual(kinds.notebook.read(doc));
    await log.close();
  });
});
