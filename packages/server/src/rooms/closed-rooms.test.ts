/** What a closed room leaves in memory: nothing. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { asCellId } from '@cahier/base/ids.ts';
import { notebookKind } from '@cahier/core/notebooks/notebook-kind.ts';
import type { PlainCell } from '@cahier/core/notebooks/notebook.ts';
import { SimProject } from '@cahier/testkit/sim-project.ts';
import { SimSession } from '@cahier/testkit/sim-session.ts';
import { expect, it } from 'vitest';
import { Rooms } from './rooms.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const path = 'n.ipynb';
const cells = Array.from(
  { length: 100 },
  (_, i): PlainCell => ({
    type: 'code',
    id: asCellId(`c${i}`),
    source: `value_${i} = compute(${i})\n`.repeat(20),
    metadata: {},
    outputs: [],
    executionCount: null,
  }),
);

function heapMb(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}

it('notebooks that were opened and closed leave the heap as it was', { timeout: 60_000 }, async () => {
  const project = new SimProject();
  project.files.externally(path, notebookKind.toFile({ nbformatMinor: 5, metadata: {}, cells }));
  const rooms = new Rooms(project.parts());
  const visit = async () => {
    const opening = rooms.open(path);
    await project.clock.pass(50);
    const found = await opening;
    if (!found.ok) throw found.refused.error;
    const session = new SimSession('ann');
    found.open.room.join(session, { t: 'doc.open', id: 1, path }, new Uint8Array(0));
    found.open.room.leave(session.id);
    await project.clock.pass(61_000);
    expect(rooms.all).toEqual([]);
  };
  for (let i = 0; i < 20; i += 1) await visit();
  const before = heapMb();
  for (let i = 0; i < 250; i += 1) await visit();
  // Rooms that stayed would be 0.5 MB each.
  expect(heapMb() - before).toBeLessThan(10);
});
