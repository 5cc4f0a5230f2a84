import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asKernelId, asRunId } from '@cahier/base/ids.ts';
import { decodeFrame } from '@cahier/protocol/frame.ts';
import { type RunnerEvent, runnerUp } from '@cahier/protocol/runner/up.ts';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EventJournal } from './event-journal.ts';
import { SpillFile } from './spill-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cahier-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));

const output = (text: string): RunnerEvent => ({
  e: 'run.output',
  kernel: asKernelId('k'),
  run: asRunId('r'),
  messages: [{ type: 'stream', content: { name: 'stdout', text } }],
});

let files = 0;
function journalWith(memoryBytes: number) {
  const path = join(folder, `${files++}.spill`);
  return { path, journal: new EventJournal(new SpillFile(path), memoryBytes) };
}

function eventIn(journal: EventJournal, seq: number): RunnerEvent | null {
  const frame = journal.frame(seq);
  if (frame === null) return null;
  const up = runnerUp.parse(decodeFrame(frame).header);
  if (up.t !== 'event') throw new Error('not an event');
  expect(up.seq).toBe(seq);
  return up.event;
}

describe('the event journal', () => {
  it('numbers from 1 and keeps what is not acknowledged', () => {
    const { journal } = journalWith(1_000_000);
    expect([journal.append(output('a')), journal.append(output('b'))]).toEqual([1, 2]);
    journal.ack(1);
    expect(eventIn(journal, 1)).toBeNull();
    expect(eventIn(journal, 2)).toEqual(output('b'));
    expect(eventIn(journal, 3)).toBeNull();
    expect(journal.firstKept).toBe(2);
  });

  it('spills what memory does not hold, reads it back, and empties the file when it is acknowledged', () => {
    const { journal, path } = journalWith(1_000);
    for (let i = 1; i <= 100; i++) journal.append(output(String(i).repeat(50)));
    expect(journal.memoryBytes).toBeLessThanOrEqual(1_000);
    expect(statSync(path).size).toBeGreaterThan(5_000);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (let i = 1; i <= 100; i++) expect(eventIn(journal, i)).toEqual(output(String(i).repeat(50)));
    journal.ack(100);
    expect(statSync(path).size).toBe(0);
    journal.close();
    expect(existsSync(path)).toBe(false);
  });

  it('goes on in memory when the disk does not take the file', () => {
    const journal = new EventJournal(new SpillFile('/proc/nowhere/x'), 10);
    journal.append(output('a'));
    journal.append(output('b'));
    expect(eventIn(journal, 1)).toEqual(output('a'));
    expect(eventIn(journal, 2)).toEqual(output('b'));
  });

  it('behaves like a plain list, whatever is appended, acknowledged and read', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ maxLength: 200 }), fc.nat(60))), (steps) => {
        const { journal } = journalWith(600);
        const all: string[] = [];
        let acked = 0;
        for (const step of steps) {
          if (typeof step === 'string') {
            all.push(step);
            expect(journal.append(output(step))).toBe(all.length);
          } else {
            journal.ack(step);
            acked = Math.max(acked, Math.min(step, all.length));
          }
          for (let seq = acked + 1; seq <= all.length; seq++)
            expect(eventIn(journal, seq)).toEqual(output(all[seq - 1] ?? ''));
          expect(journal.firstKept).toBe(acked + 1);
        }
        journal.close();
      }),
      { numRuns: 50 },
    );
  });
});
