/** Resident memory of the idle server and of its runner, from /proc. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Figure } from './figure.ts';
import type { Bench } from './run.ts';

function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
}

export async function memory(bench: Bench): Promise<Figure[]> {
  await fetch(`${bench.server.origin}/api/projects/${bench.project}/files?path=`, { headers: bench.headers });
  await new Promise((done) => setTimeout(done, 5_000));
  const own = readFileSync(join(bench.server.data, 'runners', bench.project, 'runner.json'), 'utf8');
  const server = rssMb(bench.server.pid);
  const runner = rssMb(z.object({ pid: z.number() }).parse(JSON.parse(own)).pid);
  return [
    {
      name: 'idle server, RSS',
      ours: `${server.toFixed(0)} MB`,
      baseline: '',
      value: server,
      limit: 150,
      unit: 'MB',
    },
    {
      name: 'idle runner, RSS',
      ours: `${runner.toFixed(0)} MB`,
      baseline: '',
      value: runner,
      limit: 70,
      unit: 'MB',
    },
  ];
}
