/** What was acknowledged survives kill -9 at any moment and a disk that takes no more. Real processes, real files. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asDocumentId } from '@cahier/base/ids.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { afterAll, expect, it } from 'vitest';
import { SqliteHistoryLog } from './history-log.ts';

const folder = await mkdtemp(join(tmpdir(), 'cahier-crash-'));
afterAll(() => rm(folder, { recursive: true }));
const document = asDocumentId('d1');
const appender = join(import.meta.dirname, 'history-appender.ts');

/** Runs a program and hands over its lines; `onLine` may kill it. Resolves with all lines when it has ended. */
function run(
  command: string,
  args: readonly string[],
  onLine: (line: string, kill: () => void) => void,
): Promise<string[]> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      onLine(line, () => child.kill('SIGKILL'));
    }
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(lines));
  });
}

async function numbersIn(file: string): Promise<number[]> {
  const log = await SqliteHistoryLog.open(file);
  const entries = await log.entries(document, 1, Number.MAX_SAFE_INTEGER);
  await log.close();
  return entries.map(({ seq }) => seq);
}

it('kill -9 again and again: every acknowledged entry is there, none twice, no gap', {
  timeout: 60_000,
}, async () => {
  const file = join(folder, 'kill.sqlite');
  const random = new SeededRandom(4);
  let acknowledged = 0;
  for (let round = 0; round < 6; round += 1) {
    let left = random.between(1, 120);
    const lines = await run(process.execPath, [appender, file], (_, kill) => {
      left -= 1;
      if (left === 0) kill();
    });
    acknowledged = Math.max(acknowledged, ...lines.map(Number));
    const numbers = await numbersIn(file);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(acknowledged);
  }
  expect(acknowledged).toBeGreaterThan(100);
});

it('a disk that takes no more: refusals are honest, nothing acknowledged is lost, it goes on later', {
  timeout: 60_000,
}, async () => {
  const file = join(folder, 'full.sqlite');
  // The process may write files of at most 500 × 512 bytes (POSIX sh); a write beyond fails as on a full disk.
  const limited = `trap '' XFSZ; ulimit -f 500; exec "$0" "$@"`;
  const lines = await run('sh', ['-c', limited, process.execPath, appender, file, '5'], () => undefined);
  const acknowledged = lines.map(Number).filter(Number.isFinite);
  const refused = lines.filter((line) => !/^\d+$/.test(line));
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThanOrEqual(5);
  expect(refused[0]).toContain('cannot write to its disk');
  const numbers = await numbersIn(file);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  expect(numbers.length).toBeGreaterThanOrEqual(Math.max(...acknowledged));
  let left = 20;
  await run(process.execPath, [appender, file], (_, kill) => {
    left -= 1;
    if (left === 0) kill();
  });
  expect((await numbersIn(file)).length).toBeGreaterThan(numbers.length);
});
