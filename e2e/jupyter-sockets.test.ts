/** Issue 3: sockets of programs when something is wrong: a client that never reads, a server that is killed. */
import { KernelManager, KernelMessage } from '@jupyterlab/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import { JupyterProject } from './support/jupyter-project.ts';

let at: JupyterProject;
beforeAll(async () => {
  at = await JupyterProject.start();
});
afterAll(() => at.stop());

const printed = (message: KernelMessage.IIOPubMessage): string =>
  KernelMessage.isStreamMsg(message) ? message.content.text : '';

describe('sockets to a kernel', () => {
  it('a client that does not read is cut off, and harms nobody', async () => {
    const kernels = new KernelManager({ serverSettings: at.settings() });
    const kernel = await kernels.startNew({ name: 'python3' });
    await kernel.info;
    const slow = new WebSocket(
      `${at.base.replace('http', 'ws')}api/kernels/${kernel.id}/channels?token=${at.token}&session_id=slow`,
    );
    await new Promise((resolve) => slow.once('open', resolve));
    slow.on('error', () => undefined);
    const closed = new Promise<number>((resolve) => slow.once('close', resolve));
    slow.pause();
    let seen = 0;
    // in parts, so that only who does not read at all is behind by so much
    for (let part = 0; part < 12; part += 1) {
      const flood = kernel.requestExecute({
        code: 'for _ in range(10):\n    print("x" * 1_000_000, flush=True)',
      });
      flood.onIOPub = (message) => {
        seen += printed(message).length;
      };
      expect((await flood.done).content.status).toBe('ok');
    }
    expect(seen).toBe(120 * 1_000_001);
    slow.resume();
    // said at once; who goes on sleeping for half a minute finds the line cut
    expect([1013, 1006]).toContain(await closed);
    const status = await at.ask('api/status');
    expect(z.looseObject({ connections: z.number() }).parse(await status.json()).connections).toBe(1);
    const after = kernel.requestExecute({ code: 'print("well")' });
    const said: string[] = [];
    after.onIOPub = (message) => void said.push(printed(message));
    await after.done;
    expect(said.join('')).toBe('well\n');
    await kernel.shutdown();
    kernels.dispose();
  });

  it('a server that is killed comes back under open sockets: variables live, and code runs on', async () => {
    const kernels = new KernelManager({ serverSettings: at.settings() });
    const kernel = await kernels.startNew({ name: 'python3' });
    await kernel.info;
    await kernel.requestExecute({ code: 'kept = 42' }).done;
    const states: string[] = [];
    kernel.connectionStatusChanged.connect((_, state) => void states.push(state));
    await at.server.restart();
    await expect
      .poll(() => states.includes('connecting') && kernel.connectionStatus, { timeout: 120_000 })
      .toBe('connected');
    const asked = kernel.requestExecute({ code: 'print(kept)' });
    const said: string[] = [];
    asked.onIOPub = (message) => void said.push(printed(message));
    expect((await asked.done).content.status).toBe('ok');
    expect(said.join('')).toBe('42\n');
    await kernel.shutdown();
    kernels.dispose();
  });
});
