/** Thread of the history writer: takes requests, joins those that waited into the next transaction, answers. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { FromWriter, ToWriter, WriterSettings, WriteRequest } from './history-requests.ts';
import { HistoryWriter } from './history-writer.ts';

const port = parentPort;
if (!port) throw new Error('the history writer runs as a worker thread only');
const settings: WriterSettings = workerData;
const writer = new HistoryWriter(settings.file, settings.busyMs);
const say = (message: FromWriter) => port.postMessage(message);

const opened = writer.open(Date.now());
if (opened.ok) say({ t: 'ready' });
else if (opened.code === 'storage/too-new') {
  say({ t: 'refused', code: opened.code, found: opened.found, known: opened.known });
} else say({ t: 'refused', code: opened.code, why: opened.why });

port.on('message', (first: ToWriter) => {
  const writes: WriteRequest[] = [];
  let isClosing = false;
  const take = (message: ToWriter) => {
    if (message.t === 'write') writes.push(message.write);
    else isClosing = true;
  };
  take(first);
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    const message: ToWriter = next.message;
    take(message);
  }
  if (writes.length > 0) say({ t: 'outcomes', outcomes: writer.write(writes) });
  if (isClosing) {
    writer.close();
    say({ t: 'closed' });
    port.close();
  }
});
