/** Thread of the peers bench: runs the flood with one client and waits for its last line with another, apart from who types meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { lastLine } from './notebooks.ts';
import { placeAddress, sitDown } from './place.ts';

const { address, path, cell } = z
  .object({ address: placeAddress, path: z.string(), cell: z.number() })
  .parse(workerData);
const who = await sitDown(address, path);
const other = await sitDown(address, path);
// The kernel starts here, and not in the time that is measured.
await who.run(cell - 1);
parentPort?.postMessage('ready');
parentPort?.once('message', () => {
  const startedAt = performance.now();
  void who.run(cell);
  // The lines of an earlier flood are gone first.
  void other
    .until(() => !other.result(cell).text.endsWith(lastLine))
    .then(() => other.until(() => other.result(cell).text.endsWith(lastLine), 120_000))
    .then(() => parentPort?.postMessage(performance.now() - startedAt));
});
