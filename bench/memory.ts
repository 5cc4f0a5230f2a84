/** Resident memory of the idle server and of its runner, from /proc; and what people who came and went leave in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Client } from '../e2e/support/client.ts';
import type { Figure } from './figure.ts';
import type { Bench } from './run.ts';

function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
}

/** A tab is opened with a notebook in it, and closed, so many times. */
async function visits(bench: Bench, path: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    const client = await Client.connect(bench.server.origin, bench.project, bench.server.token);
    await client.open(path);
    client.close();
  }
}

export async function memory(bench: Bench): Promise<Figure[]> {
  await fetch(`${bench.server.origin}/api/projects/${bench.project}/files?path=`, { headers: bench.headers });
  await new Promise((done) => setTimeout(done, 5_000));
  const own = readFileSync(join(bench.server.data, 'runners', bench.project, 'runner.json'), 'utf8');
  const server = rssMb(bench.server.pid);
  const runner = rssMb(z.object({ pid: z.number() }).parse(JSON.parse(own)).pid);
  const path = await bench.newNotebook();
  await visits(bench, path, 1_000);
  const before = rssMb(bench.server.pid);
  await visits(bench, path, 1_000);
  const left = rssMb(bench.server.pid) - before;
  return [
    {
      name: '1,000 tabs with a notebook opened and closed (after 1,000 others), more RSS',
      ours: `${left.toFixed(1)} MB`,
      baseline: '',
      value: left,
      limit: 10,
      unit: 'MB',
    },
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
