/** Measures of one place: each returns milliseconds or bytes, and knows nothing of the other place. */
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { type PlaceAddress, type Seat, sitDown } from './place.ts';

export const pause = (msToWait: number) => new Promise((done) => setTimeout(done, msToWait));

async function key(from: Seat, to: Seat): Promise<number> {
  const startedAt = performance.now();
  from.type();
  const wanted = from.typed;
  await to.until(() => to.typed === wanted);
  return performance.now() - startedAt;
}

/** A key every 25 ms, from one client to the other's document; the first tenth warms up. */
export async function keys(address: PlaceAddress, path: string, count: number): Promise<number[]> {
  const [from, to] = [await sitDown(address, path), await sitDown(address, path)];
  const samples: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const taken = await key(from, to);
    if (i >= count / 10) samples.push(taken);
    await pause(25);
  }
  from.close();
  to.close();
  return samples;
}

/** From the wish to run until the other client shows the result. */
export async function runs(
  address: PlaceAddress,
  path: string,
  cell: number,
  count: number,
): Promise<number[]> {
  const [from, to] = [await sitDown(address, path), await sitDown(address, path)];
  await from.run(cell);
  const first = from.result(cell).count ?? 0;
  const samples: number[] = [];
  for (let i = 1; i <= count; i += 1) {
    const startedAt = performance.now();
    const over = from.run(cell);
    await to.until(() => to.result(cell).count === first + i);
    samples.push(performance.now() - startedAt);
    await over;
    await pause(30);
  }
  from.close();
  to.close();
  return samples;
}

export interface Flood {
  readonly ms: number;
  /** Keys of two other people in another notebook while it runs. */
  readonly keys: readonly number[];
}

export async function flooded(
  address: PlaceAddress,
  paths: { readonly flood: string; readonly typing: string },
  cell: number,
): Promise<Flood> {
  const worker = new Worker(new URL('./flood.worker.ts', import.meta.url), {
    workerData: { address, path: paths.flood, cell },
  });
  try {
    const [from, to] = [await sitDown(address, paths.typing), await sitDown(address, paths.typing)];
    await heard(worker);
    const end = { isOver: false };
    const over = heard(worker).then((taken) => {
      end.isOver = true;
      return z.number().parse(taken);
    });
    worker.postMessage('go');
    const samples: number[] = [];
    while (!end.isOver) {
      samples.push(await key(from, to));
      await pause(10);
    }
    from.close();
    to.close();
    return { ms: await over, keys: samples };
  } finally {
    await worker.terminate();
  }
}

function heard(worker: Worker): Promise<unknown> {
  return new Promise((done, fail) => {
    worker.once('message', done);
    worker.once('error', fail);
  });
}

/** Each path for the first time since the server started, until this client has all cells. */
export async function openings(
  address: PlaceAddress,
  paths: readonly string[],
  cells: number,
): Promise<number[]> {
  const samples: number[] = [];
  for (const path of paths) {
    const startedAt = performance.now();
    const seat = await sitDown(address, path);
    if (seat.cells !== cells) throw new Error(`${path} came with ${seat.cells} cells, not ${cells}`);
    samples.push(performance.now() - startedAt);
    seat.close();
    await pause(50);
  }
  return samples;
}

/** A second person comes in, while the first is there. */
export async function joinings(address: PlaceAddress, path: string, count: number): Promise<number[]> {
  const first = await sitDown(address, path);
  const samples = await openings(
    address,
    Array.from({ length: count }, () => path),
    first.cells,
  );
  first.close();
  return samples;
}

/** Types `count` keys, one every few milliseconds; resolves when another client has them all. */
export async function typeMany(address: PlaceAddress, path: string, count: number): Promise<void> {
  const [from, to] = [await sitDown(address, path), await sitDown(address, path)];
  for (let i = 0; i < count; i += 1) {
    from.type();
    await pause(4);
  }
  await to.until(() => to.typed === from.typed);
  from.close();
  to.close();
}

export async function runMany(
  address: PlaceAddress,
  path: string,
  cell: number,
  count: number,
): Promise<void> {
  const seat = await sitDown(address, path);
  for (let i = 0; i < count; i += 1) await seat.run(cell);
  seat.close();
}

export const lookEveryMs = 100;

/** What `size` says when it has said the same for `quietMs`: some stores write long after the key. */
export async function settled(
  size: () => Promise<number>,
  quietMs = 2_500,
): Promise<{ readonly bytes: number; readonly ms: number }> {
  const startedAt = performance.now();
  let bytes = await size();
  let since = startedAt;
  while (performance.now() - since < quietMs) {
    await pause(lookEveryMs);
    const now = await size();
    if (now === bytes) continue;
    bytes = now;
    since = performance.now();
  }
  return { bytes, ms: since - startedAt };
}
