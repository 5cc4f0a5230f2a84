/**
 * `npm run bench:peers`: Cahier beside JupyterLab's server with jupyter-collaboration, on this machine, in one run, with
 * the same kernel, the same notebooks and the same measures. The table goes to bench/PEERS.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { firstProject } from '../../e2e/support/http.ts';
import { JupyterProcess } from '../../e2e/support/jupyter-process.ts';
import { type PythonEnv, pythonEnv } from '../../e2e/support/python-env.ts';
import { root, ServerProcess } from '../../e2e/support/server-process.ts';
import { percentile } from '../figure.ts';
import { cahierStore, packAll, pidsOf, rivalStore, rssMb } from './measured.ts';
import { bigCells, bigNotebook, flood, longNotebook, picture, sum, workNotebook } from './notebooks.ts';
import { type PlaceAddress, type Seat, sitDown } from './place.ts';
import {
  flooded,
  joinings,
  keys,
  lookEveryMs,
  openings,
  pause,
  runMany,
  runs,
  settled,
  typeMany,
} from './rows.ts';

const copies = 5;
const openCount = 50;
const typedKeys = 600;
const reruns = 40;
const [longCells, bookCells] = [1_000, 100];

interface Row {
  readonly name: string;
  readonly rival: number;
  readonly ours: number;
  readonly unit: 'ms' | 'kB' | 'MB' | 'bytes';
  /** Ours with the rival's own clients: JupyterLab's protocol at a Cahier project. */
  readonly lab?: number;
  /** Said when we are less than twice ahead. */
  readonly why?: string;
}

interface Stored {
  readonly perKey: number;
  readonly behindMs: number;
}

interface Side {
  readonly address: PlaceAddress;
  readonly memory: () => number;
  readonly store: () => Promise<number>;
}

const p = (samples: readonly number[], percent: number) => percentile(samples, percent);

/** One measure at both places, one after the other. */
async function both<T>(sides: readonly [Side, Side], measure: (side: Side) => Promise<T>): Promise<[T, T]> {
  const [rival, ours] = sides;
  return [await measure(rival), await measure(ours)];
}

/** In turns, so that what else the machine does meets both. */
async function inTurns<T>(
  times: number,
  sides: readonly [Side, Side],
  measure: (side: Side) => Promise<T>,
): Promise<[T[], T[]]> {
  const all: [T[], T[]] = [[], []];
  for (let turn = 0; turn < times; turn += 1) {
    const [rival, ours] = await both(sides, measure);
    all[0].push(rival);
    all[1].push(ours);
  }
  return all;
}

function notebooksInto(folder: string): void {
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const name of ['keys', 'keys-lab', 'quiet', 'typed']) put(`${name}.ipynb`, workNotebook());
  for (const name of ['sum', 'sum-lab']) put(`${name}.ipynb`, workNotebook(sum));
  put('flood.ipynb', workNotebook(sum, flood));
  put('picture.ipynb', workNotebook(picture));
  for (let i = 0; i < copies; i += 1) {
    for (const name of ['long', 'long-lab']) put(`${name}-${i}.ipynb`, longNotebook(longCells));
    put(`big-${i}.ipynb`, bigNotebook());
  }
  for (let i = 0; i < openCount; i += 1) put(`book-${i}.ipynb`, longNotebook(bookCells));
}

const named = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}.ipynb`);

async function memoryPerNotebook({ address, memory }: Side): Promise<number> {
  const seats: Seat[] = [await sitDown(address, 'quiet.ipynb')];
  await pause(3_000);
  const before = memory();
  for (const path of named('book', openCount)) seats.push(await sitDown(address, path));
  await pause(3_000);
  const more = memory() - before;
  for (const seat of seats) seat.close();
  return more / openCount;
}

async function measureAll(sides: readonly [Side, Side], labs: PlaceAddress): Promise<Row[]> {
  const rows: Row[] = [];
  const add = (
    name: string,
    unit: Row['unit'],
    [rival, ours]: readonly [number, number],
    { lab, why }: Pick<Row, 'lab' | 'why'> = {},
  ) => {
    rows.push({
      name,
      rival,
      ours,
      unit,
      ...(lab === undefined ? {} : { lab }),
      ...(why === undefined ? {} : { why }),
    });
    const inLabs = lab === undefined ? '' : `, with JupyterLab’s clients ${lab.toFixed(2)} ${unit}`;
    console.log(`  ${name}: rival ${rival.toFixed(2)} ${unit}, Cahier ${ours.toFixed(2)} ${unit}${inLabs}`);
  };
  add(
    `memory per open notebook (${bookCells} cells, ${openCount} open), server and runner`,
    'MB',
    await both(sides, memoryPerNotebook),
    { why: 'Yjs keeps a document as JavaScript objects, theirs is in Rust' },
  );
  const twice = (samples: readonly [readonly number[], readonly number[]], percent: number) =>
    [p(samples[0], percent), p(samples[1], percent)] as const;
  const flat = ([rival, ours]: readonly [readonly number[][], readonly number[][]]) =>
    [rival.flat(), ours.flat()] as const;
  const typing = flat(await inTurns(3, sides, ({ address }) => keys(address, 'keys.ipynb', 120)));
  const typingLabs = await keys(labs, 'keys-lab.ipynb', 300);
  add('key → other client, p50', 'ms', twice(typing, 50), {
    lab: p(typingLabs, 50),
    why: 'most of it is the two clients and the two sockets',
  });
  add('key → other client, p99', 'ms', twice(typing, 99), {
    lab: p(typingLabs, 99),
    why: 'the slowest keys wait for the machine, at both places',
  });
  const sums = flat(await inTurns(3, sides, ({ address }) => runs(address, 'sum.ipynb', 1, 20)));
  const sumLabs = await runs(labs, 'sum-lab.ipynb', 1, 40);
  add('`1+1` → result at the other client, p50', 'ms', twice(sums, 50), { lab: p(sumLabs, 50) });
  add('`1+1` → result at the other client, p95', 'ms', twice(sums, 95), { lab: p(sumLabs, 95) });
  const floods = await inTurns(3, sides, ({ address }) =>
    flooded(address, { flood: 'flood.ipynb', typing: 'quiet.ipynb' }, 2),
  );
  const times = [floods[0].map(({ ms }) => ms), floods[1].map(({ ms }) => ms)] as const;
  add('100,000 printed lines → the last at the other client, median of 3', 'ms', twice(times, 50), {
    why: 'the kernel’s own printing is most of it',
  });
  const meanwhile = [floods[0].flatMap((each) => each.keys), floods[1].flatMap((each) => each.keys)] as const;
  add('another pair’s key meanwhile, p50', 'ms', twice(meanwhile, 50));
  add('another pair’s key meanwhile, p95', 'ms', twice(meanwhile, 95));
  const big = await both(sides, ({ address }) => openings(address, named('big', copies), bigCells));
  add(
    'open a notebook of 4 MB for the first time, median (its pictures come when they are looked at)',
    'ms',
    twice(big, 50),
    {
      why: 'both read and parse the file',
    },
  );
  const long = await both(sides, ({ address }) => openings(address, named('long', copies), longCells));
  add('open a notebook of 1,000 cells for the first time, median', 'ms', twice(long, 50), {
    lab: p(await openings(labs, named('long-lab', copies), longCells), 50),
    why: 'ours has the document on disk before it shows it',
  });
  const joins = await both(sides, ({ address }) => joinings(address, 'long-0.ipynb', copies));
  add('join somebody in a notebook of 1,000 cells, median', 'ms', twice(joins, 50), {
    lab: p(await joinings(labs, 'long-0.ipynb', copies), 50),
    why: 'the client’s own reading is most of it',
  });
  const pictures = await both(sides, async ({ address, store }) => {
    await runMany(address, 'picture.ipynb', 1, 1);
    const before = (await settled(store)).bytes;
    await runMany(address, 'picture.ipynb', 1, reruns);
    return ((await settled(store)).bytes - before) / reruns / 1000;
  });
  add('bytes kept per re-run of a cell with the same 50 kB picture', 'kB', pictures);
  return rows;
}

/** Bytes per key at a place that does nothing else: as it is written, and for ours when packed. */
async function keystrokeBytes(python: PythonEnv): Promise<readonly Row[]> {
  const typed = async ({ address, store }: Side): Promise<Stored> => {
    await typeMany(address, 'typed.ipynb', 20);
    const before = (await settled(store)).bytes;
    await typeMany(address, 'typed.ipynb', typedKeys);
    const { bytes, ms } = await settled(store);
    return { perKey: (bytes - before) / typedKeys, behindMs: Math.max(ms, lookEveryMs) };
  };
  const rival = await withRival(python, typed);
  const ours = await withCahier(python, typed);
  const packed = await withCahier(python, async ({ address, store }, server, project) => {
    const pack = async () => {
      await server.kill();
      await packAll(server.data);
      return await store();
    };
    await typeMany(address, 'typed.ipynb', 20);
    const before = await pack();
    await server.restart();
    await typeMany(address, 'typed.ipynb', typedKeys * 4);
    const [, runnerPid] = pidsOf(server, project);
    const perKey = ((await pack()) - before) / typedKeys / 4;
    // Nobody is left to end the runner, which outlives servers.
    if (runnerPid !== undefined) process.kill(runnerPid);
    return perKey;
  });
  const name = 'bytes kept per keystroke';
  return [
    { name: `${name}, as written`, rival: rival.perKey, ours: ours.perKey, unit: 'bytes' },
    { name: `${name}, after a day (ours is packed then)`, rival: rival.perKey, ours: packed, unit: 'bytes' },
    {
      name: `after the last of ${typedKeys} quick keys, until the log on disk has it (looked at every ${lookEveryMs} ms)`,
      rival: rival.behindMs,
      ours: ours.behindMs,
      unit: 'ms',
    },
  ];
}

async function withFolder<T>(task: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cahier-peers-'));
  try {
    return await task(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withRival<T>(python: PythonEnv, use: (side: Side) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    notebooksInto(folder);
    const server = await JupyterProcess.start(python, { folder });
    try {
      return await use({
        address: { kind: 'lab', base: `${server.origin}/`, token: server.token },
        memory: () => rssMb(server.pid),
        store: () => rivalStore(folder),
      });
    } finally {
      await server.stop();
    }
  });
}

async function withCahier<T>(
  python: PythonEnv,
  use: (side: Side, server: ServerProcess, project: string) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    notebooksInto(folder);
    const prefix = dirname(dirname(python.python));
    const env = { PATH: python.env['PATH'], JUPYTER_PATH: join(prefix, 'share/jupyter') };
    const server = await ServerProcess.start({ folder, env });
    try {
      const project = await firstProject(server);
      const side: Side = {
        address: { kind: 'cahier', origin: server.origin, project, token: server.token },
        memory: () => rssMb(...pidsOf(server, project)),
        store: () => cahierStore(server.data),
      };
      return await use(side, server, project);
    } finally {
      await server.stop();
    }
  });
}

const shown = (value: number, unit: Row['unit']) => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, rival, ours, lab, unit, why = '' }) => {
    const ratio = rival / ours;
    const ahead = `${ratio.toFixed(ratio < 10 ? 1 : 0)} ×`;
    const inLabs = lab === undefined ? '' : shown(lab, unit);
    const cells = [name, shown(ours, unit), inLabs, shown(rival, unit), ratio >= 1 ? ahead : `**${ahead}**`];
    return `| ${[...cells, ratio < 2 ? why : ''].join(' | ')} |`;
  });
  const head = '| | Cahier | Cahier with JupyterLab’s clients | rival | ahead | if less than twice, why |';
  return [head, '|---|---|---|---|---|---|', ...lines].join('\n');
}

function versions(python: PythonEnv): string {
  const list = readFileSync(join(import.meta.dirname, '../../e2e/support/python/jupyter.txt'), 'utf8');
  const wanted = ['jupyterlab', 'jupyter_server', 'jupyter-collaboration', 'pycrdt', 'ipykernel', 'tornado'];
  const found = wanted.map(
    (name) => new RegExp(`^${name}==(.*)$`, 'm').exec(list)?.[0].replace('==', ' ') ?? name,
  );
  return `${found.join(', ')}; ${python.python.includes('python-envs') ? 'CPython of this machine' : ''}`;
}

if (import.meta.main) {
  const startedAt = performance.now();
  const python = await pythonEnv('jupyter');
  console.log('▸ keystrokes on disk');
  const stored = await keystrokeBytes(python);
  console.log('▸ both side by side');
  const rows = await withRival(python, (rival) =>
    withCahier(python, (ours, server, project) =>
      measureAll([rival, ours], { kind: 'lab', base: `${server.origin}/p/${project}/`, token: server.token }),
    ),
  );
  const text = table([...rows, ...stored]);
  console.log(text);
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? ''}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  const page = `# Beside the rival

Made by \`npm run bench:peers\` on ${new Date().toISOString().slice(0, 10)}: ${machine}; ${minutes} minutes. The rival: ${versions(python)}, all from PyPI, as they come. “Ahead” is the rival’s figure over ours.

${text}
`;
  writeFileSync(join(root, 'bench/PEERS.md'), page);
  // The client library keeps timers of its own.
  process.exit();
}
