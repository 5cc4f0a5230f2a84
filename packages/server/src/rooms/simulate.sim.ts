/** One simulated run: clients, network, server and store, all from one seed, then healing, then the oracle. */
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { SimClient } from '@cahier/testkit/sim-client.ts';
import { noFaults, type SimFaults, type SimOptions } from '@cahier/testkit/sim-options.ts';
import { checkAcknowledged, checkAll } from './sim-oracle.sim.ts';
import { type Sabotage, simPath, SimServer } from './sim-server.sim.ts';

export interface SimReport {
  readonly entries: number;
  readonly acknowledged: number;
  readonly serverCrashes: number;
  /** Yjs' undo left text in an order of its own on each side (see sim-oracle.sim.ts). */
  readonly isCrossed: boolean;
}

/** Who does and looks at more in a run than people do (history-witness.sim.ts). */
export interface SimWitness {
  /** What a client inserts next, instead of its usual token. */
  mint(client: string): string;
  round(server: SimServer): Promise<void>;
  restarted(server: SimServer): Promise<void>;
  /** Everything is healed and durable. */
  end(server: SimServer): Promise<void>;
}

/** Rejects with what went wrong; the caller prints the options. */
export async function simulate(
  options: SimOptions,
  sabotage: Sabotage = 'none',
  witness?: SimWitness,
): Promise<SimReport> {
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
        ...(witness ? { mint: (name: string) => witness.mint(name) } : {}),
      }),
  );
  for (const client of clients) client.connect();

  let serverCrashes = 0;
  const restart = async () => {
    const room = await server.start();
    checkAcknowledged(room.doc, clients, 'after a restart');
    await witness?.restarted(server);
  };
  for (let round = 0; round < options.rounds; round += 1) {
    await clock.pass(random.below(60));
    const burst = random.chance(0.1) ? random.between(5, 15) : 1;
    const client = random.pick(clients);
    for (let i = 0; i < burst; i += 1) client.edit(options.edits);
    if (random.chance(0.05)) server.edit();
    await witness?.round(server);
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

  const isCrossed = await checkAll({ options, room, log, clients });
  await witness?.end(server);
  return {
    entries: room.lastSeq,
    acknowledged: clients.reduce((sum, client) => sum + client.acknowledged.length, 0),
    serverCrashes,
    isCrossed,
  };
}
