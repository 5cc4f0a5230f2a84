/**
 * One simulated run: clients, network, server and store, all from one seed, then healing, then the oracle:
 * what was shown as saved is in the document, all replicas and the server are equal, the history folds to the document
 * and has no gaps, and no cell or token is there twice.
 */
import { jsonEquals, type Json } from '@cahier/base/json.ts';
import { StepDeriver } from '@cahier/core/history/derive-steps.ts';
import { pastCells } from '@cahier/core/history/fold.ts';
import { emptyPast } from '@cahier/core/history/step.ts';
import { orderedCells, readCell, readNotebook } from '@cahier/core/notebooks/source-doc.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { SimClient } from '@cahier/testkit/sim-client.ts';
import { noFaults, type SimFaults, type SimOptions } from '@cahier/testkit/sim-options.ts';
import * as Y from 'yjs';
import { loadDocument } from './load-document.ts';
import { type Sabotage, simDocument, simPath, SimServer } from './sim-server.ts';

export interface SimReport {
  readonly entries: number;
  readonly acknowledged: number;
  readonly cells: number;
  readonly serverCrashes: number;
}

/** Rejects with what went wrong; the caller prints the options. */
export async function simulate(options: SimOptions, sabotage: Sabotage = 'none'): Promise<SimReport> {
  const random = new SeededRandom(options.seed ^ 0x5eed);
  const clock = new FakeClock();
  const faults: SimFaults = { ...options.faults };
  const server = new SimServer({ clock, random: random.fork(), faults, sabotage });
  await server.start();
  server.edit();
  await clock.pass(50);
  const clients = Array.from(
    { length: options.clients },
    (_, i) =>
      new SimClient({
        name: 'abcdefgh'.charAt(i),
        clock,
        random: random.fork(),
        path: simPath,
        dial: (client) => server.connect(client),
      }),
  );
  for (const client of clients) client.connect();

  let serverCrashes = 0;
  const restart = async () => {
    const room = await server.start();
    checkAcknowledged(room.doc, clients, 'after a restart');
  };
  for (let round = 0; round < options.rounds; round += 1) {
    await clock.pass(random.below(60));
    const burst = random.chance(0.1) ? random.between(5, 15) : 1;
    const client = random.pick(clients);
    for (let i = 0; i < burst; i += 1) client.edit(options.edits);
    if (random.chance(0.05)) server.edit();
    if (random.chance(0.3)) random.pick(clients).flush();
    if (random.chance(faults.cut)) random.pick(clients).cut(random.between(1, 3_000));
    if (random.chance(faults.clientCrash)) random.pick(clients).crash(random.between(1, 3_000));
    if (random.chance(faults.commitFailure)) server.log.failNext(random.between(1, 3));
    if (random.chance(faults.serverCrash) && server.room) {
      serverCrashes += 1;
      server.crash();
      await clock.pass(random.below(1_000));
      for (const each of clients) if (random.chance(0.5)) each.edit(options.edits);
      await restart();
    }
  }

  Object.assign(faults, noFaults);
  for (const client of clients) client.cut(random.between(1, 100));
  await clock.pass(1_000);
  // Commits that were refused are tried again with longer and longer pauses.
  let isFlushed = false;
  const flushed = server.flush().then(() => {
    isFlushed = true;
  });
  for (let i = 0; i < 100 && !isFlushed; i += 1) await clock.pass(5_000);
  await flushed;
  await clock.pass(5_000);
  // Once more for what one client had to bring back for another.
  for (const client of clients) client.cut(random.between(1, 100));
  await clock.pass(5_000);
  const { room, log } = server;
  if (!room) throw new Error('the server is not there');

  for (const client of clients) {
    if (client.problem !== null) throw new Error(`client ${client.name}: ${client.problem}`);
    const { word, unsaved } = client.status;
    if (word !== 'saved') throw new Error(`client ${client.name} is ${word} with ${unsaved} unsaved changes`);
    if (!Y.equalSnapshots(Y.snapshot(client.doc), Y.snapshot(room.doc))) {
      throw new Error(`client ${client.name} and the server differ`);
    }
    mustEqual(readNotebook(client.doc), readNotebook(room.doc), `text of client ${client.name}`);
  }
  checkAcknowledged(room.doc, clients, 'at the end');
  const acknowledged = clients.flatMap((client) => client.acknowledged);
  if (options.edits === 'additions') {
    checkTokens(
      room.doc,
      acknowledged.flatMap(({ token }) => token ?? []),
    );
  }
  const entries = await log.entries(simDocument, 1, Number.MAX_SAFE_INTEGER);
  entries.forEach((entry, i) => {
    if (entry.seq !== i + 1) throw new Error(`entry ${entry.seq} stands at place ${i + 1}`);
  });
  const replayed = await loadDocument(log, simDocument, new Y.Doc());
  mustEqual(readNotebook(replayed.doc), readNotebook(room.doc), 'the document opened from its log');
  const deriver = new StepDeriver(new Y.Doc(), emptyPast);
  for (const entry of entries) deriver.apply(entry, 0);
  const now = orderedCells(room.doc).flatMap(({ id }) => readCell(room.doc, id) ?? []);
  mustEqual(
    pastCells(deriver.past()).map(({ id, type, position, source }) => ({ id, type, position, source })),
    now.map(({ id, type, position, source }) => ({ id, type, position, source })),
    'the history, folded',
  );
  return { entries: entries.length, acknowledged: acknowledged.length, cells: now.length, serverCrashes };
}

function checkAcknowledged(doc: Y.Doc, clients: readonly SimClient[], when: string): void {
  const snapshot = Y.snapshot(doc);
  for (const client of clients) {
    for (const { bytes } of client.acknowledged) {
      if (!Y.snapshotContainsUpdate(snapshot, bytes)) {
        throw new Error(`${when}: an update of client ${client.name} that was shown as saved is gone`);
      }
    }
  }
}

/** Tokens come in by insertions only: each is there once. */
function checkTokens(doc: Y.Doc, acknowledged: readonly string[]): void {
  const text = orderedCells(doc)
    .map(({ id }) => readCell(doc, id)?.source ?? '')
    .join('\n');
  const counts = new Map<string, number>();
  for (const token of text.match(/<\w+>/g) ?? []) counts.set(token, (counts.get(token) ?? 0) + 1);
  for (const token of acknowledged) {
    if (!counts.has(token)) throw new Error(`${token} was shown as saved and is gone`);
  }
  for (const [token, count] of counts) if (count > 1) throw new Error(`${token} is there ${count} times`);
}

function mustEqual(found: unknown, wanted: unknown, what: string): void {
  if (!jsonEquals(asJson(found), asJson(wanted))) {
    throw new Error(`${what} differs:\n${JSON.stringify(found)}\n${JSON.stringify(wanted)}`);
  }
}

function asJson(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}
