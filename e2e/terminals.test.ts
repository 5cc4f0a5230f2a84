/** Issue 3, lines 1 and 2: terminals, by Jupyter's client library and by sockets as they are. The page is in terminal-page.test.ts. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenMade } from '@cahier/protocol/http/tokens.ts';
import type { Terminal } from '@jupyterlab/services';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { firstProject, ownerHeaders } from './support/http.ts';
import { ServerProcess } from './support/server-process.ts';
import { TerminalScreen } from './support/terminal-screen.ts';

const row = z.object({ name: z.string(), last_activity: z.iso.datetime() });
const jupyterError = z.strictObject({ message: z.string().min(1), reason: z.string().nullable() });

let folder: string;
let server: ServerProcess;
let project: string;
let token: string;

async function newToken(scopes: readonly string[]): Promise<string> {
  const answer = await fetch(`${server.origin}/api/projects/${project}/tokens`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ name: 'Lab', scopes }),
  });
  return tokenMade.parse(await answer.json()).token;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-terminals-'));
  mkdirSync(join(folder, 'sub'));
  // the library asks its page whether there are terminals
  const page = join(folder, 'page.json');
  writeFileSync(page, JSON.stringify({ terminalsAvailable: 'true' }));
  process.env['JUPYTER_CONFIG_DATA'] = page;
  server = await ServerProcess.start({ folder, env: { SHELL: '/bin/sh', ENV: '', PS1: '$ ' } });
  project = await firstProject(server);
  token = await newToken(['run']);
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function ask(path: string, method = 'GET', body?: unknown, by = token): Promise<Response> {
  return fetch(`${server.origin}/p/${project}/${path}`, {
    method,
    headers: { authorization: `token ${by}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

async function names(): Promise<string[]> {
  const rows = z.array(row).parse(await (await ask('api/terminals')).json());
  return rows.map(({ name }) => name);
}

/** No test sees what one before it, perhaps a failed one, has left. */
beforeEach(async () => {
  for (const name of await names()) await ask(`api/terminals/${name}`, 'DELETE');
  await expect.poll(names).toEqual([]);
});

async function open(body: object = {}): Promise<string> {
  return row.parse(await (await ask('api/terminals', 'POST', body)).json()).name;
}

const dial = (name: string, query = '', by = token): Promise<TerminalScreen> =>
  new TerminalScreen(`${server.origin}/p/${project}/`, by).dial(name, query);

const twice = (word: string) => new RegExp(`(?:${word}[^]*){2}`);

describe('with Jupyter’s client library', () => {
  it('terminals are started, listed, used, ended', async () => {
    const { ServerConnection, TerminalManager } = await import('@jupyterlab/services');
    const base = `${server.origin}/p/${project}/`;
    const settings = ServerConnection.makeSettings({
      baseUrl: base,
      wsUrl: base.replace('http', 'ws'),
      token,
      appendToken: true,
    });
    const terminals = new TerminalManager({ serverSettings: settings });
    await terminals.ready;
    expect([...terminals.running()]).toEqual([]);
    const terminal = await terminals.startNew({ cwd: 'sub' });
    let text = '';
    terminal.messageReceived.connect((_, { type, content }: Terminal.IMessage) => {
      if (type === 'stdout') text += String(content?.[0]);
    });
    await expect.poll(() => terminal.connectionStatus).toBe('connected');
    terminal.send({ type: 'set_size', content: [40, 132, 800, 1200] });
    terminal.send({ type: 'stdin', content: ['pwd; stty size\r'] });
    await expect.poll(() => text).toContain('40 132');
    expect(text).toContain(join(folder, 'sub'));
    await terminals.refreshRunning();
    expect([...terminals.running()].map(({ name }) => name)).toEqual([terminal.name]);
    const again = terminals.connectTo({ model: { name: terminal.name } });
    let replayed = '';
    again.messageReceived.connect((_, { type, content }: Terminal.IMessage) => {
      if (type === 'stdout') replayed += String(content?.[0]);
    });
    await expect.poll(() => replayed).toContain('40 132');
    await terminals.shutdown(terminal.name);
    await expect.poll(() => again.isDisposed).toBe(true);
    await terminals.refreshRunning();
    expect([...terminals.running()]).toEqual([]);
    terminals.dispose();
  });
});

describe('as Jupyter’s server answers', () => {
  it('names, statuses and errors', async () => {
    const made = await ask('api/terminals', 'POST', { name: 'mine', cwd: '/nowhere' });
    expect([made.status, row.parse(await made.json()).name]).toEqual([200, 'mine']);
    const name = await open();
    expect(name).toMatch(/^\d+$/);
    expect(row.parse(await (await ask(`api/terminals/${name}`)).json()).name).toBe(name);
    for (const end of [name, 'mine']) expect((await ask(`api/terminals/${end}`, 'DELETE')).status).toBe(204);
    await expect.poll(async () => (await ask(`api/terminals/${name}`)).status).toBe(404);
    const gone = await ask(`api/terminals/${name}`, 'DELETE');
    expect([gone.status, jupyterError.parse(await gone.json()).message]).toEqual([
      404,
      expect.stringContaining(`“${name}” has ended`),
    ]);
    for (const body of ['{', '[]', '7', '{"name":"../x"}', '{"name":7}', '{"name":""}'])
      expect((await ask('api/terminals', 'POST', body)).status).toBe(400);
  });

  it('nobody looks or types without the right to run', async () => {
    const name = await open();
    const reader = await newToken(['read', 'edit']);
    expect((await ask('api/terminals', 'GET', undefined, reader)).status).toBe(403);
    expect((await ask('api/terminals', 'POST', {}, reader)).status).toBe(403);
    await expect(dial(name, '', reader)).rejects.toThrow('403');
    const screen = await dial('none');
    expect(await screen.closed).toBe(1000);
  });

  it('bad messages close one socket and harm nobody', async () => {
    const name = await open();
    const good = await dial(name);
    for (const bad of ['{', '7', '{}', '[]', '[7]', new Uint8Array([1, 2, 3])]) {
      const screen = await dial(name);
      screen.raw(bad);
      expect(await screen.closed).toBe(1003);
    }
    good.say('something', 'new');
    good.say('stdin', 7);
    good.say('set_size', 0, -1);
    good.say('set_size', 1e9, 80);
    good.type('echo fine\r');
    await good.shows(twice('fine'));
    await ask(`api/terminals/${name}`, 'DELETE');
    expect(await good.closed).toBe(1000);
    expect(good.said.at(-1)).toEqual(['disconnect', 1]);
  });
});

describe('several people in one terminal', () => {
  it('see the same, share the smallest size, and know of each other', async () => {
    const name = await open();
    const lab = await dial(name);
    lab.say('set_size', 50, 160);
    lab.type('echo from-lab\r');
    await lab.shows(twice('from-lab'));
    const page = await dial(name, '?cahier=1');
    await page.shows(twice('from-lab'));
    expect(page.said.map(([type]) => type).slice(0, 3)).toEqual(['setup', 'people', 'replay']);
    page.say('set_size', 20, 200);
    await expect.poll(() => page.last('size')).toEqual(['size', 20, 160]);
    page.type('stty size\r');
    await lab.shows('20 160');
    expect(page.last('people')).toEqual([
      'people',
      [{ id: expect.any(String), name: 'Owner', color: expect.any(String) }],
    ]);
    page.cut();
    // that the page has gone is heard in its own time
    lab.type("until stty size | grep '^50 160'; do sleep 0.05; done\r");
    await lab.shows('\r\n50 160\r\n');
    expect(lab.said.every(([type]) => ['setup', 'stdout'].includes(String(type)))).toBe(true);
  });

  it('a question to the screen is answered once', async () => {
    const name = await open();
    const [one, two] = [await dial(name), await dial(name)];
    one.type(
      "stty raw -echo; printf '\\033[6n'; dd bs=1 count=6 2>/dev/null | od -c; stty sane; echo done\r",
    );
    await two.shows('\x1b[6n');
    two.type('\x1b[1;1R');
    one.type('\x1b[2;2R');
    await one.shows(/2\s+;\s+2\s+R/);
    await one.shows(/done/);
    expect(one.text).not.toMatch(/1\s+;\s+1\s+R/);
  });

  it('who does not read holds up nobody, and sees what is shown when it reads again', async () => {
    const name = await open();
    const [slow, fast] = [await dial(name), await dial(name)];
    slow.stopReading();
    fast.type('seq -f "line %.0f" 1 1500000; echo the-end\r');
    await expect.poll(() => fast.text, { timeout: 90_000 }).toMatch(/line 1500000\r\nthe-end/);
    expect(slow.text.length).toBeLessThan(fast.text.length / 2);
    slow.readOn();
    await slow.shows(/line 1500000\r\nthe-end/);
    expect(slow.text).toContain('\x1bc');
    expect(slow.text.length).toBeLessThan(fast.text.length * 0.8);
  });

  it('our page is not shown more than it has drawn', async () => {
    const name = await open();
    const page = await dial(name, '?cahier=1');
    page.type('yes\r');
    await expect.poll(() => page.text.length).toBeGreaterThan(200_000);
    const before = page.text.length;
    page.say('drawn', page.text.length);
    await expect.poll(() => page.text.length).toBeGreaterThan(before);
    page.type('\x03');
    await expect
      .poll(() => {
        page.say('drawn', page.text.length);
        return page.text;
      })
      .toContain('^C');
    expect(page.text.length).toBeLessThan(20_000_000);
  });
});

describe('when the server is killed', () => {
  it('shells live on, and are found again with what they showed', async () => {
    const name = await open();
    const screen = await dial(name);
    screen.type('kept=alive; (sleep 1; echo while-away) &\r');
    await screen.shows('while-away');
    await server.kill();
    await screen.closed;
    await server.restart();
    expect(await names()).toEqual([name]);
    const back = await dial(name);
    await back.shows(twice('while-away'));
    back.type('echo "it is $kept"\r');
    await back.shows('it is alive');
    back.type('exit 3\r');
    expect(await back.closed).toBe(1000);
    await expect.poll(names).toEqual([]);
  });
});
