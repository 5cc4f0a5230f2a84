/** Key → the other client's document, and edit → "Saved": against a bare relay, and a file with fdatasync. */
import { spawn } from 'node:child_process';
import { fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { asCellId } from '@cahier/base/ids.ts';
import { cellText, insertCell } from '@cahier/core/notebooks/source-doc.ts';
import { decodeFrame, encodeFrame } from '@cahier/protocol/frame.ts';
import { down } from '@cahier/protocol/client/down.ts';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { Client, type OpenDocument } from '../e2e/support/client.ts';
import { root } from '../e2e/support/server-process.ts';
import { type Figure, ms, percentile, ratio } from './figure.ts';
import type { Bench } from './run.ts';

const cell = asCellId('bench');
const pause = (msToWait: number) => new Promise((done) => setTimeout(done, msToWait));

interface Party {
  /** Types one character in document `by`; resolves when all others have it; gives the milliseconds of each. */
  type(by: number): Promise<number[]>;
  close(): void;
}

/** The server under test with `count` clients in one notebook. */
async function ourParty(bench: Bench, path: string, count: number): Promise<Party> {
  const clients: { client: Client; document: OpenDocument }[] = [];
  for (let i = 0; i < count; i++) {
    const client = await Client.connect(bench.server.origin, bench.project, bench.server.token);
    clients.push({ client, document: await client.open(path) });
  }
  const first = clients[0];
  if (!first) throw new Error('a party needs people');
  if (!cellText(first.document.ydoc, cell))
    insertCell(first.document.ydoc, { id: cell, type: 'code', source: '' }, { after: null }, null, 'a0');
  await Promise.all(
    clients.map(({ client, document }) => client.until(() => cellText(document.ydoc, cell) !== undefined)),
  );
  return docParty(
    clients.map(({ document }) => document.ydoc),
    () => {
      for (const { client } of clients) client.close();
    },
  );
}

/** A relay vouches for nothing. */
const relayed = { t: 'doc.update', doc: 'bench-document', durable: 0, vouchers: [] } as const;

/** The same documents and the same frames through the bare relay. */
async function relayParty(count: number): Promise<Party> {
  const child = spawn(process.execPath, [join(root, 'bench/baselines/relay.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((done) =>
    child.stdout.once('data', (chunk: Buffer) => done(Number(chunk.toString()))),
  );
  const seed = new Y.Doc();
  insertCell(seed, { id: cell, type: 'code', source: '' }, { after: null }, null, 'a0');
  const start = Y.encodeStateAsUpdate(seed);
  const sockets: WebSocket[] = [];
  const docs: Y.Doc[] = [];
  for (let i = 0; i < count; i++) {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, start, 'link');
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    socket.binaryType = 'nodebuffer';
    await new Promise((done) => socket.once('open', done));
    socket.on('message', (data: Buffer) => {
      const { header, payload } = decodeFrame(data);
      down.parse(header);
      Y.applyUpdate(doc, payload, 'link');
    });
    doc.on('update', (bytes: Uint8Array, from: unknown) => {
      if (from !== 'link') socket.send(encodeFrame({ ...relayed, seq: 1 }, bytes));
    });
    sockets.push(socket);
    docs.push(doc);
  }
  return docParty(docs, () => {
    for (const socket of sockets) socket.close();
    child.kill();
  });
}

function docParty(docs: readonly Y.Doc[], close: () => void): Party {
  return {
    close,
    async type(by) {
      const samples: number[] = [];
      const startedAt = performance.now();
      const arrivals = docs
        .filter((_, i) => i !== by)
        .map(
          (doc) =>
            new Promise<void>((done) => {
              doc.once('update', () => {
                samples.push(performance.now() - startedAt);
                done();
              });
            }),
        );
      const text = cellText(docs[by] ?? new Y.Doc(), cell);
      text?.insert(text.length, 'x');
      await Promise.all(arrivals);
      return samples;
    },
  };
}

async function sample(party: Party, people: number, keys: number, everyMs: number): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < keys; i++) {
    const taken = await party.type(i % people);
    if (i >= keys / 10) samples.push(...taken);
    await pause(everyMs);
  }
  party.close();
  return samples;
}

async function savedLatency(bench: Bench): Promise<Figure> {
  const client = await Client.connect(bench.server.origin, bench.project, bench.server.token);
  const document = await client.open(await bench.newNotebook());
  insertCell(document.ydoc, { id: cell, type: 'code', source: '' }, { after: null }, null, 'a0');
  const ours: number[] = [];
  for (let i = 0; i < 300; i++) {
    const startedAt = performance.now();
    cellText(document.ydoc, cell)?.insert(0, 'x');
    const wanted = document.sent;
    await client.until(() => document.saved >= wanted);
    ours.push(performance.now() - startedAt);
    await pause(7);
  }
  client.close();
  const windowMs = 5;
  const file = join(bench.server.data, 'fdatasync.bin');
  const handle = openSync(file, 'a');
  const row = new Uint8Array(200);
  const base: number[] = [];
  for (let i = 0; i < 300; i++) {
    const startedAt = performance.now();
    await pause(windowMs);
    writeSync(handle, row);
    fdatasyncSync(handle);
    base.push(performance.now() - startedAt);
    await pause(7);
  }
  rmSync(file);
  return ratio(
    'edit → “Saved”, p95, over an fdatasync’d append with the same 5 ms window',
    percentile(ours, 95),
    percentile(base, 95),
    2,
  );
}

export async function echo(bench: Bench): Promise<Figure[]> {
  const ours2 = await sample(await ourParty(bench, await bench.newNotebook(), 2), 2, 400, 5);
  const base2 = await sample(await relayParty(2), 2, 400, 5);
  const ours200 = await sample(await ourParty(bench, await bench.newNotebook(), 200), 200, 120, 50);
  const base200 = await sample(await relayParty(200), 200, 120, 50);
  console.log(
    `  2 clients p99: ours ${ms(percentile(ours2, 99))}, relay ${ms(percentile(base2, 99))}; 200 clients p50: ours ${ms(percentile(ours200, 50))}, relay ${ms(percentile(base200, 50))}`,
  );
  return [
    ratio(
      'key → other client’s document, 2 clients, p50, over a bare relay',
      percentile(ours2, 50),
      percentile(base2, 50),
      2,
    ),
    ratio('the same with 200 clients in one room, p99', percentile(ours200, 99), percentile(base200, 99), 2),
    await savedLatency(bench),
  ];
}
