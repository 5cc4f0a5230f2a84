import { asCellId, asDocumentId, asProjectId, asRunId } from '@cahier/base/ids.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { describe, expect, it } from 'vitest';
import { AskedRuns } from './asked-runs.ts';

const document = asDocumentId('d');
const run = { project: asProjectId('p'), document, cell: asCellId('c'), run: asRunId('r') };

describe('runs that programs ask for', () => {
  it('a number is known in its project, until the result was told', () => {
    const asked = new AskedRuns(new FakeClock());
    const id = asked.add(run);
    expect(asked.get(run.project, id)).toEqual(run);
    expect(asked.get(asProjectId('other'), id)).toBeNull();
    asked.forget(id);
    expect(asked.get(run.project, id)).toBeNull();
  });

  it('a request waits for the one before it, but not for ever, and only of its document', async () => {
    const clock = new FakeClock();
    const asked = new AskedRuns(clock);
    asked.taken(document, 'r0');
    expect(await asked.after(document, 'r0')).toBe(true);
    const follows = asked.after(document, 'r1');
    const waits = asked.after(document, 'r2');
    asked.taken(asDocumentId('other'), 'r2');
    asked.taken(document, 'r1');
    expect(await follows).toBe(true);
    await clock.pass(10_000);
    expect(await waits).toBe(false);
  });
});
