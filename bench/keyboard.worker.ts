/** Thread of the history bench: one who types and one who reads, apart from the server. Says the milliseconds of a key. */
import { parentPort, workerData } from 'node:worker_threads';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { z } from 'zod';

const { url } = z.object({ url: z.string() }).parse(workerData);

async function connected(who: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/${who}`, { perMessageDeflate: false });
  await new Promise((done) => socket.once('message', done));
  return socket;
}

const [ada, bob] = [await connected('ada'), await connected('bob')];
const doc = new Y.Doc();
const updates: Uint8Array[] = [];
doc.on('update', (update: Uint8Array) => updates.push(update));

parentPort?.on('message', () => {
  const text = doc.getText('text');
  text.insert(text.length, 'x');
  const startedAt = performance.now();
  bob.once('message', () => parentPort?.postMessage(performance.now() - startedAt));
  ada.send(updates.pop() ?? '');
});
parentPort?.postMessage(0);
