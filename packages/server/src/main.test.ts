import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { processBirth } from './adapters/local/process-birth.ts';

const someMe = z.object({ projects: z.array(z.object({ id: z.string() })) });

/** The process as somebody at a terminal meets it. */
class Process {
  readonly child: ChildProcess;
  out = '';
  err = '';
  readonly ended: Promise<number | string>;

  constructor(args: readonly string[], options: { env?: Record<string, string>; uid?: number } = {}) {
    this.child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
      cwd: place,
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_COMPILE_CACHE: cache,
        HOME: place,
        TMPDIR: place,
        CAHIER_PREPARE: '0',
        ...options.env,
      },
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    this.child.stdout?.on('data', (chunk) => {
      this.out += String(chunk);
    });
    this.child.stderr?.on('data', (chunk) => {
      this.err += String(chunk);
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve(code ?? signal ?? ''));
    });
    running.push(this);
  }

  async ready(): Promise<{ origin: string; token: string }> {
    await Promise.race([
      new Promise<void>((resolve) => {
        const look = () => this.out.includes('\n') && resolve();
        this.child.stdout?.on('data', look);
        look();
      }),
      this.ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${this.err}`))),
    ]);
    const match = /^Cahier is ready at (http:\/\/localhost:\d+)\/\?token=(\S+)\n$/.exec(this.out);
    if (!match) throw new Error(`not the ready line: ${JSON.stringify(this.out)}`);
    return { origin: match[1] ?? '', token: match[2] ?? '' };
  }
}

const cache = join(import.meta.dirname, '../../../node_modules/.cache/cahier');
let place = '';
const running: Process[] = [];
beforeEach(async () => {
  place = await realpath(await mkdtemp(join(tmpdir(), 'cahier-main-')));
});
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
  await rm(place, { recursive: true, force: true });
});

const start = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  new Process(['--port', '0', '--data', join(place, 'data'), ...args], { env });

/** One sentence on standard error, nothing on standard output, and a code that is not 0. */
async function refusal(process_: Process): Promise<string> {
  const code = await process_.ended;
  expect([code, process_.out]).toEqual([1, '']);
  expect(process_.err.trim().split('\n')).toHaveLength(1);
  return process_.err.trim();
}

describe('starting the server', { timeout: 60_000 }, () => {
  it('prints one line with a link that signs in, and a project to begin with', async () => {
    const server = start([], { CAHIER_TOKEN: 'a-token-of-my-own' });
    const { origin, token } = await server.ready();
    expect(token).toBe('a-token-of-my-own');
    const page = await fetch(`${origin}/?token=${token}`, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([303, '/']);
    const cookie = page.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    const me = await (await fetch(`${origin}/api/account`, { headers: { cookie } })).json();
    expect(me).toMatchObject({ mayCreate: true, projects: [{ name: 'Welcome', role: 'owner' }] });
    const [project = ''] = await readdir(join(place, 'data/projects'));
    const notebook = JSON.parse(
      await readFile(join(place, 'data/projects', project, 'Welcome.ipynb'), 'utf8'),
    );
    expect(notebook.cells.length).toBeGreaterThan(8);
    server.child.kill('SIGINT');
    expect(await server.ended).toBe(0);
    const log = await readFile(join(place, 'data/log/server.log'), 'utf8');
    expect(log).toContain('"msg":"ready"');
    expect(log).not.toContain(token);
  });

  it('keeps its own token for this user alone, and the project, between starts', async () => {
    const first = start();
    const { token } = await first.ready();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await stat(join(place, 'data/owner-token'))).mode & 0o077).toBe(0);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const second = start();
    expect((await second.ready()).token).toBe(token);
    expect(await readdir(join(place, 'data/projects'))).toHaveLength(1);
    second.child.kill('SIGKILL');
    await second.ended;
    await start().ready();
  });

  it('serves a folder and writes nothing into it', async () => {
    const folder = join(place, 'my work');
    await mkdir(folder);
    await writeFile(join(folder, 'a.txt'), 'a');
    const { origin, token } = await start([folder]).ready();
    const me = await (
      await fetch(`${origin}/api/account`, { headers: { authorization: `Bearer ${token}` } })
    ).json();
    expect(me).toMatchObject({ projects: [{ name: 'my work', role: 'owner' }] });
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('explains itself and does nothing with --help', async () => {
    const help = start(['--help']);
    expect(await help.ended).toBe(0);
    expect(help.out).toContain('npm start -- [folder] [--port N] [--host H] [--data DIR] [--open]');
    expect(await readdir(place)).toEqual([]);
  });
});

describe('the end of the server', { timeout: 60_000 }, () => {
  /** The processes of runners that belong to this test's data. */
  const runners = async (): Promise<number[]> => {
    const [project = ''] = await readdir(join(place, 'data/projects'));
    const text = await readFile(join(place, 'data/runners', project, 'process.json'), 'utf8').catch(() => '');
    const pid = text === '' ? 0 : z.object({ pid: z.int() }).parse(JSON.parse(text)).pid;
    return pid !== 0 && (await isThere(pid)) ? [pid] : [];
  };
  /** A process that has ended and was not fetched by its parent is not there. */
  const isThere = async (pid: number): Promise<boolean> => (await processBirth(pid)) !== null;
  /** Lists the files of the first project, for which a runner is needed. */
  const list = async ({ origin, token }: { origin: string; token: string }) => {
    const headers = { authorization: `Bearer ${token}` };
    const me = someMe.parse(await (await fetch(`${origin}/api/account`, { headers })).json());
    const answer = await fetch(`${origin}/api/projects/${me.projects[0]?.id}/files`, { headers });
    expect(await answer.json()).toMatchObject({ entries: [{ name: 'Welcome.ipynb' }] });
  };

  it('by SIGTERM or a crash leaves the runner alive for the next server, by Ctrl-C it does not', async () => {
    const first = start();
    await list(await first.ready());
    const [runner = 0] = await runners();
    expect(runner).not.toBe(0);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(await runners()).toEqual([runner]);

    const second = start();
    await list(await second.ready());
    expect(await runners()).toEqual([runner]);
    second.child.kill('SIGKILL');
    await second.ended;

    const third = start();
    await list(await third.ready());
    expect(await runners()).toEqual([runner]);
    third.child.kill('SIGINT');
    expect(await third.ended).toBe(0);
    expect(await isThere(runner)).toBe(false);
  });
});

describe('what stops a start, with one sentence', { timeout: 60_000 }, () => {
  it('an option that does not exist', async () => {
    expect(await refusal(start(['--prot', '1']))).toMatch(/^There is no option “--prot”/);
  });

  it('a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const sentence = await refusal(start(['--port', String(port)]));
    other.close();
    expect(sentence).toBe(`Port ${port} is in use by another program. Choose another one with --port.`);
    // the data folder was let go of
    await start().ready();
  });

  it('an address that this machine does not have', async () => {
    expect(await refusal(start(['--host', '203.0.113.1']))).toMatch(/^Cannot listen at 203\.0\.113\.1:0: /);
  });

  it('a folder that is not there, or is a file', async () => {
    expect(await refusal(start([join(place, 'none')]))).toMatch(/“.*none” cannot be used: it does not exist/);
    await writeFile(join(place, 'file'), '');
    expect(await refusal(start([join(place, 'file')]))).toMatch(/it is not a folder/);
  });

  it('a folder or a data folder that may not be entered', async () => {
    const closed = join(place, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o000);
    // root may enter every folder: then the server runs as somebody else
    const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    await chmod(place, 0o777);
    const folder = new Process(['--port', '0', '--data', join(place, 'd1'), closed], uid);
    expect(await refusal(folder)).toMatch(/“.*closed” cannot be used: the system does not permit it/);
    const data = new Process(['--port', '0', '--data', closed], uid);
    expect(await refusal(data)).toMatch(
      /data folder “.*closed” cannot be written: the system does not permit it/,
    );
    await chmod(closed, 0o700);
  });

  it('data of a newer version', async () => {
    await mkdir(join(place, 'data'));
    await writeFile(join(place, 'data/version.json'), '{"format":999,"app":"9.9.9"}');
    expect(await refusal(start())).toMatch(/was written by a newer Cahier \(9\.9\.9\)\. Update this one/);
  });

  it('a second server on the same data', async () => {
    const first = start();
    await first.ready();
    const sentence = await refusal(start());
    expect(sentence).toContain(`Another Cahier (process ${first.child.pid}) is using`);
  });
});
