/**
 * `npm run bench [-- name…]`: memory, echo, kernel, page, history, traces. Every speed is a ratio to a baseline
 * measured in the same run; the table is written to bench/RESULTS.md. What it needs (a Python kernel, the built page, a
 * browser) is made before, as `npm test` makes it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { firstProject, newNotebook, ownerHeaders } from '../e2e/support/http.ts';
import { root, ServerProcess, testData } from '../e2e/support/server-process.ts';
import { ensurePage } from '../scripts/start.ts';
import { ensureChromium } from '../scripts/steps/chromium.ts';
import { prepareKernel } from '../scripts/steps/prepare-kernel.ts';
import { echo } from './echo.ts';
import type { Figure } from './figure.ts';
import { history } from './history.ts';
import { historyTraces } from './history-traces.ts';
import { kernel } from './kernel.ts';
import { memory } from './memory.ts';
import { page } from './page.ts';

export interface Bench {
  readonly server: ServerProcess;
  readonly project: string;
  readonly headers: Record<string, string>;
  newNotebook(): Promise<string>;
}

const benches: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  memory,
  echo,
  kernel,
  page,
  history,
  traces: historyTraces,
};

function written(figures: readonly Figure[]): string {
  const rows = figures.map(
    ({ name, ours, baseline, value, limit, unit }) =>
      `| ${name} | ${ours} | ${baseline} | ${value.toFixed(2)} ${unit} | ${limit} ${unit} | ${value <= limit ? 'yes' : '**no**'} |`,
  );
  return ['| figure | ours | baseline | value | at most | kept |', '|---|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  const names = wanted.length > 0 ? wanted : Object.keys(benches);
  const startedAt = performance.now();
  mkdirSync(testData, { recursive: true });
  if (!(await prepareKernel(testData)).ok) process.exit(1);
  if (names.includes('page') || names.includes('history')) {
    await ensurePage();
    ensureChromium();
  }
  const figures: Figure[] = [];
  for (const name of names) {
    const run = benches[name];
    if (!run) throw new Error(`no bench called ${name}: ${Object.keys(benches).join(', ')}`);
    console.log(`▸ ${name}`);
    const server = await ServerProcess.start();
    const headers = ownerHeaders(server);
    const project = await firstProject(server);
    try {
      figures.push(
        ...(await run({ server, project, headers, newNotebook: () => newNotebook(server, project) })),
      );
    } finally {
      await server.stop();
    }
  }
  const table = written(figures);
  console.log(table);
  if (wanted.length === 0) {
    const file = join(root, 'bench/RESULTS.md');
    const stamp = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? ''}), Node ${process.version}; ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`;
    writeFileSync(
      file,
      `# Results\n\nMade by \`npm run bench\`: ${stamp}. Each ratio has its baseline from the same run.\n\n${table}\n`,
    );
    console.log(`written to ${file} (${readFileSync(file).length} bytes)`);
  }
}
