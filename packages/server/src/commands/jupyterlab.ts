/**
 * `npm run jupyterlab`, and what the server starts when somebody opens JupyterLab the first time: installs the parts that
 * `jupyterlab/package-lock.json` names into a scratch folder, bundles them, keeps the bundle and throws the scratch away.
 * One at a time per folder; whoever comes second waits and finds the work done. One JSON line per change on standard
 * output with `--json`, sentences without.
 */
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LabState } from '@cahier/protocol/http/jupyterlab.ts';
import { isBuilt, labKey, labSources } from '../adapters/local/lab-folder.ts';
import { compressFolder } from './jupyterlab/compress.ts';
import { npmCommand } from './jupyterlab/npm.ts';
import { runLines } from './jupyterlab/run-lines.ts';

type Tell = (state: LabState) => void;

/** Where the bar stands when a part of the work begins: as measured, installing is most of it. */
const begins = { install: 0.02, bundle: 0.8, compress: 0.92 } as const;
const longestInstallMs = 20 * 60_000;
/** Scratch without a readable process id is being made, or torn. */
const tornAfterMs = 10_000;

export interface LabPlace {
  /** The repository's `jupyterlab`. */
  readonly source: string;
  /** Where builds are kept. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Never throws: what goes wrong is told, and is the answer. */
export async function prepareLab(place: LabPlace, tell: Tell): Promise<LabState> {
  try {
    const key = await labKey(place.source);
    if (await isBuilt(place.folder, key)) return await ready(place.folder, key);
    const scratch = join(place.folder, `${key}.work`);
    const failure = await withScratch(
      scratch,
      tell,
      () => isBuilt(place.folder, key),
      () => make(place, key, scratch, tell),
    );
    return failure ?? (await ready(place.folder, key));
  } catch (error) {
    return failed(reasonOf(error), cureOf(reasonOf(error)));
  }
}

async function ready(folder: string, key: string): Promise<LabState> {
  const { version }: { version: string } = JSON.parse(
    await readFile(join(folder, key, 'build.json'), 'utf8'),
  );
  return { phase: 'ready', version };
}

/** Null when it is made. */
async function make(place: LabPlace, key: string, scratch: string, tell: Tell): Promise<LabState | null> {
  const { source, folder, env } = place;
  for (const name of await labSources(source)) {
    await mkdir(dirname(join(scratch, name)), { recursive: true });
    await cp(join(source, name), join(scratch, name));
  }
  const npm = await npmCommand(env);
  if (npm === null) return failed('there is no npm', 'Install npm (it comes with Node.js) and try again.');

  const parts = partsOf(await readFile(join(source, 'package-lock.json'), 'utf8'));
  let fetched = 0;
  tell(working('Getting JupyterLab’s parts…', begins.install));
  const installed = await runLines(
    npm.program,
    [...npm.arguments, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'],
    {
      cwd: scratch,
      env: npm.env,
      timeoutMs: longestInstallMs,
      onLine: (line) => {
        if (!/\bhttp (fetch GET 200|cache) .*\.tgz\b/.test(line)) return;
        fetched += 1;
        const share = Math.min(1, fetched / parts);
        const done = begins.install + (begins.bundle - begins.install) * share;
        tell(working(`Getting JupyterLab’s parts: ${fetched} of ${Math.max(parts, fetched)}…`, done));
      },
    },
  );
  if (installed.code !== 0) return failed(whyNpm(installed.lines), cureOf(installed.lines.join('\n')));

  tell(working('Putting JupyterLab together…', begins.bundle));
  const out = join(scratch, 'out');
  const bundled = await runLines(process.execPath, ['bundle.ts', out], { cwd: scratch, env: npm.env });
  if (bundled.code !== 0) {
    return failed(
      bundled.lines.find((line) => /error/i.test(line)) ?? 'the bundle was not made',
      'npm run jupyterlab',
    );
  }
  tell(working('Packing JupyterLab’s files…', begins.compress));
  await compressFolder(join(out, 'static'));
  await rm(join(folder, key), { recursive: true, force: true });
  await rename(out, join(folder, key));
  await forgetOld(folder, key);
  return null;
}

/** How many packages will be fetched. */
function partsOf(lock: string): number {
  return lock.split('"integrity"').length - 1;
}

/** One build before this one is kept, for tabs that are open. */
async function forgetOld(folder: string, key: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== key);
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  for (const { name } of aged.sort((a, b) => b.at - a.at).slice(1)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The scratch folder is the lock: made by `mkdir`, with the holder's process id in it. */
async function withScratch(
  scratch: string,
  tell: Tell,
  isDone: () => Promise<boolean>,
  task: () => Promise<LabState | null>,
): Promise<LabState | null> {
  await mkdir(dirname(scratch), { recursive: true });
  for (;;) {
    try {
      await mkdir(scratch);
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (await isAbandoned(scratch)) {
      const grave = `${scratch}.${process.pid}`;
      await rename(scratch, grave).then(
        () => rm(grave, { recursive: true, force: true }),
        () => undefined,
      );
      continue;
    }
    tell(working('Another Cahier is preparing JupyterLab; waiting for it…', begins.install));
    await sleep(500);
    if (await isDone()) return null;
  }
  try {
    await writeFile(join(scratch, 'pid'), String(process.pid));
    return (await isDone()) ? null : await task();
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function isAbandoned(scratch: string): Promise<boolean> {
  const pid = Number(await readFile(join(scratch, 'pid'), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 1) {
    const made = await stat(scratch).catch(() => null);
    return made !== null && Date.now() - made.mtimeMs > tornAfterMs;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

function whyNpm(lines: readonly string[]): string {
  const told = lines
    .filter((line) => /npm (error|ERR!)/.test(line))
    .map((line) => line.replace(/^npm (error|ERR!) ?/, ''));
  return (
    told.find((line) => !/^(code|errno|syscall|path)\b|^\s*$/.test(line)) ?? lines.at(-1) ?? 'npm failed'
  );
}

function cureOf(text: string): string {
  if (/ENOSPC|EDQUOT|no space/i.test(text))
    return 'Free 600 MB on the disk of the data folder and try again.';
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|network/i.test(text)) {
    return 'Connect the server to the network (or set npm’s registry to one it reaches) and try again.';
  }
  return 'npm run jupyterlab';
}

const working = (message: string, done: number): LabState => ({ phase: 'working', message, done });

function failed(why: string, cure: string): LabState {
  const short = why
    .trim()
    .replace(/[.\s]+$/, '')
    .slice(0, 300);
  return {
    phase: 'failed',
    message: `JupyterLab could not be prepared: ${short}. Everything else works.`,
    cure,
  };
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

if (import.meta.main) {
  const { values } = parseArgs({
    options: { folder: { type: 'string' }, data: { type: 'string' }, json: { type: 'boolean' } },
  });
  const source = resolve(import.meta.dirname, '../../../../jupyterlab');
  const folder = resolve(
    values.folder ??
      process.env['CAHIER_JUPYTERLAB'] ??
      join(values.data ?? process.env['CAHIER_DATA'] ?? './data', 'jupyterlab'),
  );
  let last = '';
  const tell = (state: LabState) => {
    if (values.json === true) return void process.stdout.write(`${JSON.stringify(state)}\n`);
    const text = inWords(state, folder);
    // counting is for a bar, not for lines
    const [stem = ''] = text.split(/[:…]/);
    if (stem !== last) process.stdout.write(`${text}\n`);
    last = stem;
  };
  const end = await prepareLab({ source, folder, env: process.env }, tell);
  tell(end);
  process.exitCode = end.phase === 'ready' ? 0 : 1;
}

function inWords(state: LabState, folder: string): string {
  switch (state.phase) {
    case 'absent':
      return 'JupyterLab is not prepared.';
    case 'working':
      return state.message;
    case 'ready':
      return `JupyterLab ${state.version} is ready in ${folder}.`;
    case 'failed':
      return `${state.message}\n${state.cure}`;
    default:
      return state satisfies never;
  }
}
