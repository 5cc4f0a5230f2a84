/**
 * `npm start`: builds the page when it is missing or older than its sources, then runs the server in this process.
 * Options are the server's (packages/server/src/config.ts); `--help` shows them.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'packages/web/dist');
const stampFile = join(dist, '.built-from');

/** Loads what the server and a runner load, and does nothing. */
const warmUp = ['server/src/main.ts', 'runner/src/serve.ts']
  .map((file) => `await import(${JSON.stringify(join(root, 'packages', file))});`)
  .join('\n');

/** What the page is built from. */
const sources = [
  'package-lock.json',
  'packages/web/index.html',
  'packages/web/vite.config.ts',
  'packages/web/public',
  'packages/web/src',
  'packages/base/src',
  'packages/core/src',
  'packages/protocol/src',
];

/** Hash of the sources' content: times of files say nothing after a checkout. */
export async function sourceStamp(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of await filesIn(join(root, source))) {
      if (/\.(test|contract)\.tsx?$/.test(file)) continue;
      hash.update(relative(root, file)).update('\0');
      hash.update(await readFile(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** Builds the page unless it is there as its sources say. Throws with the build's own words. */
export async function ensurePage(): Promise<void> {
  const stamp = await sourceStamp();
  const built = await readFile(stampFile, 'utf8').catch(() => '');
  if (built.trim() === stamp) return;
  const begun = performance.now();
  process.stderr.write('Building the page… ');
  await Promise.all([
    run(join(root, 'node_modules/vite/bin/vite.js'), ['build', 'packages/web', '--logLevel', 'warn']),
    // the server's sources go into the compile cache meanwhile
    run('--input-type=module', ['-e', warmUp]),
  ]);
  await writeFile(stampFile, `${stamp}\n`);
  process.stderr.write(`done in ${((performance.now() - begun) / 1000).toFixed(1)} s.\n`);
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** In a process of its own: a bundler's memory must not stay in the server's. */
function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolved, rejected) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: root,
      env: { ...process.env, CAHIER_TOKEN: undefined, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-20_000);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', rejected);
    child.once('close', (code) => {
      if (code === 0) resolved();
      else rejected(new Error(`The page could not be built.\n${said}`));
    });
  });
}

async function start(argv: readonly string[]): Promise<number> {
  const isHelp = argv.includes('--help') || argv.includes('-h');
  if (!isHelp) {
    try {
      await ensurePage();
    } catch (error) {
      process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    }
  }
  const { main } = await import('../packages/server/src/main.ts');
  return main(argv);
}

if (import.meta.main) process.exit(await start(process.argv.slice(2)));
