/** Promise 1 and 4: what runs goes on while nobody watches and while the server is gone; nothing is lost, nothing twice. */
import { asCellId } from '@cahier/base/ids.ts';
import { insertCell } from '@cahier/core/notebooks/source-doc.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client, type OpenDocument } from './support/client.ts';
import { firstProject, newNotebook } from './support/http.ts';
import { ServerProcess } from './support/server-process.ts';

const cell = asCellId('loop');
const after = asCellId('after');

function streamText(outputs: readonly LiveOutput[]): string {
  return outputs.map((output) => (output.type === 'stream' ? output.text : `<${output.type}>`)).join('');
}

describe('nobody watching', () => {
  let server: ServerProcess;
  let project: string;
  let path: string;
  let client: Client;
  let document: OpenDocument;

  beforeEach(async () => {
    server = await ServerProcess.start();
    project = await firstProject(server);
    path = await newNotebook(server, project);
    client = await Client.connect(server.origin, project, server.token);
    document = await client.open(path);
  });

  afterEach(async () => {
    client.close();
    await server.stop();
  });

  async function comeBack(): Promise<void> {
    client = await Client.connect(server.origin, project, server.token);
    document = await client.open(path);
  }

  function lines(): string[] {
    return streamText(document.live.cells[cell]?.outputs ?? [])
      .trimEnd()
      .split('\n');
  }

  const loop = (count: number, seconds: number) =>
    `import time\nkept = 41\nfor i in range(${count}):\n    print("line", i, flush=True)\n    time.sleep(${seconds})`;

  it('a run whose last tab was closed is there, whole and in order, when somebody comes back', async () => {
    insertCell(
      document.ydoc,
      { id: cell, type: 'code', source: loop(40, 0.05) },
      { after: null },
      null,
      'a0',
    );
    await client.request({ t: 'run.queue', doc: document.doc, cells: [cell] });
    await client.until(() => lines().length > 2);
    client.close();
    await comeBack();
    await client.until(() => document.live.cells[cell]?.state === 'done');
    expect(lines()).toEqual(Array.from({ length: 40 }, (_, i) => `line ${i}`));
  });

  it('kill -9 of the server in mid-run: variables live, the output of the gap arrives in order, nothing twice', async () => {
    insertCell(document.ydoc, { id: cell, type: 'code', source: loop(60, 0.1) }, { after: null }, null, 'a0');
    insertCell(
      document.ydoc,
      { id: after, type: 'code', source: 'print(kept + 1)' },
      { after: cell },
      null,
      'a1',
    );
    await client.request({ t: 'run.queue', doc: document.doc, cells: [cell, after] });
    await client.until(() => lines().length > 5 && document.saved >= document.sent);
    await server.kill();
    await server.restart();
    await comeBack();
    await client.until(() => document.live.cells[after]?.state === 'done');
    expect(lines()).toEqual(Array.from({ length: 60 }, (_, i) => `line ${i}`));
    expect(streamText(document.live.cells[after]?.outputs ?? [])).toBe('42\n');
    expect(document.live.cells[cell]?.executionCount).toBe(1);
  });

  it('killed five times in one run, the output is still exact', async () => {
    insertCell(
      document.ydoc,
      { id: cell, type: 'code', source: loop(150, 0.05) },
      { after: null },
      null,
      'a0',
    );
    await client.request({ t: 'run.queue', doc: document.doc, cells: [cell] });
    for (let round = 1; round <= 5; round++) {
      await client.until(() => lines().length > round * 8 || document.live.cells[cell]?.state === 'done');
      await server.kill();
      await server.restart();
      await comeBack();
    }
    await client.until(() => document.live.cells[cell]?.state === 'done');
    expect(lines()).toEqual(Array.from({ length: 150 }, (_, i) => `line ${i}`));
  });

  it('a dead kernel is shown dead within 3 s, and a restart cures it', async () => {
    insertCell(
      document.ydoc,
      { id: cell, type: 'code', source: 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)' },
      { after: null },
      null,
      'a0',
    );
    insertCell(
      document.ydoc,
      { id: after, type: 'code', source: 'print("never")' },
      { after: cell },
      null,
      'a1',
    );
    await client.request({ t: 'run.queue', doc: document.doc, cells: [cell, after] });
    await client.until(() => document.live.cells[cell]?.startedAt !== undefined);
    await client.until(() => document.live.kernel.status === 'dead', 30_000);
    await vi.waitFor(
      () => expect(document.live.cells[cell]).toMatchObject({ state: 'failed', failure: 'kernel-died' }),
      3_000,
    );
    expect(document.live.queue).toEqual([]);
    expect(document.live.cells[after]?.state ?? 'idle').toBe('idle');
    await client.request({ t: 'kernel.restart', doc: document.doc });
    await client.runAndWait(document, [after]);
    expect(streamText(document.live.cells[after]?.outputs ?? [])).toBe('never\n');
  });
});
