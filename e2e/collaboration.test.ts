/**
 * JupyterLab's collaboration protocol with the real client libraries (y-websocket 1.5.4, @jupyter/ydoc) against a real
 * server process, beside a client of Cahier's own page, on one notebook.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asCellId } from '@cahier/base/ids.ts';
import { cellText, moveCells, orderedCells } from '@cahier/core/notebooks/source-doc.ts';
import { textOf } from '@cahier/core/documents/text-kind.ts';
import { murmurHash } from '@cahier/core/jupyter/murmur-hash.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';
import { tokenMade } from '@cahier/protocol/http/tokens.ts';
import { YCodeCell, YNotebook } from '@jupyter/ydoc';
import { KernelManager, KernelMessage, ServerConnection } from '@jupyterlab/services';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { z } from 'zod';
import { Client, type OpenDocument } from './support/client.ts';
import { firstProject, ownerHeaders } from './support/http.ts';
import { askSession, awarenessOnly, cellsOf, LabClient, type LabPlace } from './support/lab-client.ts';
import { ServerProcess } from './support/server-process.ts';

const notebook = (cells: readonly string[]) =>
  `${JSON.stringify(
    {
      cells: cells.map((source, i) => ({
        cell_type: 'code',
        execution_count: null,
        id: `c${i}`,
        metadata: {},
        outputs: [],
        source: source.split(/(?<=\n)/),
      })),
      metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
      nbformat: 4,
      nbformat_minor: 5,
    },
    null,
    1,
  )}\n`;

let folder: string;
let server: ServerProcess;
let place: LabPlace;
let page: Client;
const labs: { close(): void }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-lab-'));
  server = await ServerProcess.start({ folder });
  place = { origin: server.origin, project: await firstProject(server), token: server.token };
  page = await Client.connect(server.origin, place.project, server.token);
});
afterEach(() => {
  for (const lab of labs.splice(0)) lab.close();
});
afterAll(async () => {
  page.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

let made = 0;
function newFile(text: string, ending = 'ipynb'): string {
  made += 1;
  writeFileSync(join(folder, `n${made}.${ending}`), text);
  return `n${made}.${ending}`;
}

async function lab(path: string, at = place): Promise<LabClient> {
  const client = await LabClient.open(at, path);
  labs.push(client);
  return client;
}

const pageCells = ({ ydoc }: OpenDocument) =>
  orderedCells(ydoc).map(({ id }) => [id, cellText(ydoc, id)?.toString() ?? ''] as const);

const areEqual = (document: OpenDocument, { model }: LabClient) =>
  JSON.stringify(cellsOf(model)) === JSON.stringify(pageCells(document));

/** Both see the same cells, and they are these texts. */
async function bothSee(document: OpenDocument, client: LabClient, texts: readonly string[]): Promise<void> {
  await expect.poll(() => pageCells(document).map(([, source]) => source)).toEqual(texts);
  await expect.poll(() => cellsOf(client.model).map(([, source]) => source)).toEqual(texts);
  expect(cellsOf(client.model).map(([id]) => id)).toEqual(pageCells(document).map(([id]) => id));
}

const api = (path: string) => `${server.origin}/p/${place.project}/api/${path}`;

async function newToken(scopes: readonly string[], name: string): Promise<{ id: string; token: string }> {
  const answer = await fetch(`${server.origin}/api/projects/${place.project}/tokens`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ name, scopes }),
  });
  return tokenMade.parse(await answer.json());
}
const tokenOf = async (scopes: readonly string[], name: string) => (await newToken(scopes, name)).token;

const execute = (kernel: string, body: object) =>
  fetch(api(`kernels/${kernel}/execute`), {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify(body),
  });

const onDisk = (path: string): string[] => {
  const file: { cells: { source: string[] }[] } = JSON.parse(readFileSync(join(folder, path), 'utf8'));
  return file.cells.map(({ source }) => source.join(''));
};

describe('one notebook, two programs', () => {
  it('edits go both ways, to the character, and the file has them', async () => {
    const path = newFile(notebook(['a = 1', 'b = 2']));
    const document = await page.open(path);
    const client = await lab(path);
    await bothSee(document, client, ['a = 1', 'b = 2']);
    client.model.cells[0]?.updateSource(0, 0, '# 📊 漢字 é\n');
    await bothSee(document, client, ['# 📊 漢字 é\na = 1', 'b = 2']);
    cellText(document.ydoc, asCellId('c0'))?.insert('# 📊'.length, '✂️');
    cellText(document.ydoc, asCellId('c1'))?.insert(5, '0');
    await bothSee(document, client, ['# 📊✂️ 漢字 é\na = 1', 'b = 20']);
    client.model.addCell({ cell_type: 'markdown', source: '# new', id: 'fresh' });
    await bothSee(document, client, ['# 📊✂️ 漢字 é\na = 1', 'b = 20', '# new']);
    await expect.poll(() => onDisk(path)).toEqual(['# 📊✂️ 漢字 é\na = 1', 'b = 20', '# new']);
    await client.until(() => client.model.state['dirty'] === false, 'the file is written');
  });

  it('the same cell moved on both sides at once is there once, with what was typed into it', async () => {
    const path = newFile(notebook(['one', 'two', 'three', 'four']));
    const document = await page.open(path);
    const client = await lab(path);
    await bothSee(document, client, ['one', 'two', 'three', 'four']);
    client.model.moveCell(0, 2);
    moveCells(document.ydoc, [asCellId('c0')], { after: asCellId('c3') }, {}, 'jit');
    cellText(document.ydoc, asCellId('c0'))?.insert(3, ' kept');
    await expect
      .poll(() =>
        pageCells(document)
          .map(([id]) => id)
          .toSorted(),
      )
      .toEqual(['c0', 'c1', 'c2', 'c3']);
    await client.until(() => areEqual(document, client), 'both say the same');
    expect(pageCells(document).find(([id]) => id === 'c0')?.[1]).toBe('one kept');
  });

  it('the history names whose edit came from JupyterLab', async () => {
    const path = newFile(notebook(['x']));
    const document = await page.open(path);
    const token = await tokenOf(['edit'], 'My laptop');
    const client = await lab(path, { ...place, token });
    client.model.cells[0]?.updateSource(1, 1, 'yz');
    await bothSee(document, client, ['xyz']);
    cellText(document.ydoc, asCellId('c0'))?.insert(3, '!');
    await bothSee(document, client, ['xyz!']);
    const answer = await fetch(
      `${server.origin}/api/projects/${place.project}/documents/${document.doc}/history/export`,
      { headers: ownerHeaders(server) },
    );
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => z.looseObject({}).parse(JSON.parse(line)));
    const steps = z
      .array(z.looseObject({ origin: z.string(), author: z.number() }))
      .parse(lines.filter((line) => line['line'] === 'step' || line['t'] === 'step' || 'changes' in line));
    expect(steps.map(({ origin }) => origin)).toEqual(['import', 'jupyterlab', 'typing']);
    expect(JSON.stringify(lines)).toContain('(My laptop)');
  });

  it('saves at once when it is asked to, and says so', async () => {
    const path = newFile(notebook(['a']));
    const client = await lab(path);
    client.model.cells[0]?.setSource('saved');
    expect(await client.save(7)).toBe('success');
    expect(onDisk(path)).toEqual(['saved']);
    const contents = z
      .object({ hash: z.string() })
      .parse(
        await (
          await fetch(api(`contents/${path}?content=0&hash=1`), { headers: ownerHeaders(server) })
        ).json(),
      );
    await client.until(
      () => client.model.state['hash'] === contents.hash,
      'the hash is that of the contents API',
    );
  });

  it('a file that is renamed while both type is one file, and JupyterLab learns its name', async () => {
    const path = newFile(notebook(['a']));
    const document = await page.open(path);
    const client = await lab(path);
    expect(client.model.state['path']).toBe(path);
    const moved = `moved-${path}`;
    client.model.cells[0]?.updateSource(1, 1, ' from the lab');
    const renamed = fetch(api(`contents/${path}`), {
      method: 'PATCH',
      headers: ownerHeaders(server),
      body: JSON.stringify({ path: moved }),
    });
    cellText(document.ydoc, asCellId('c0'))?.insert(0, 'page and ');
    expect((await renamed).status).toBe(200);
    client.model.cells[0]?.updateSource(0, 0, '# ');
    await client.until(() => client.model.state['path'] === moved, 'the new path is told');
    await bothSee(document, client, ['# page and a from the lab']);
    await expect.poll(() => onDisk(moved)).toEqual(['# page and a from the lab']);
    expect(readdirSync(folder).filter((name) => name.endsWith(path))).toEqual([moved]);
    expect((await askSession(place, path)).status).toBe(404);
  });

  it('a change on disk is merged in front of everybody', async () => {
    const path = newFile(notebook(['a', 'b']));
    const document = await page.open(path);
    const client = await lab(path);
    client.model.cells[0]?.updateSource(1, 1, 'A');
    await bothSee(document, client, ['aA', 'b']);
    await expect.poll(() => onDisk(path)).toEqual(['aA', 'b']);
    writeFileSync(join(folder, path), notebook(['aA', 'b by vim']));
    client.model.cells[0]?.updateSource(2, 2, '!');
    await bothSee(document, client, ['aA!', 'b by vim']);
  });

  it('text files go both ways, with the line ends that they have', async () => {
    const path = newFile('one\r\ntwo\r\n', 'txt');
    const document = await page.open(path);
    const client = await LabClient.openFile(place, path);
    labs.push(client);
    expect(client.model.source).toBe('one\ntwo\n');
    client.model.updateSource(4, 4, 'and 📊\n');
    await expect.poll(() => textOf(document.ydoc).toString()).toBe('one\r\nand 📊\r\ntwo\r\n');
    textOf(document.ydoc).insert(0, 'zero ');
    await client.until(() => client.model.source === 'zero one\nand 📊\ntwo\n', 'the text is there');
    expect(await client.save()).toBe('success');
    expect(readFileSync(join(folder, path), 'utf8')).toBe('zero one\r\nand 📊\r\ntwo\r\n');
  });

  it('the same room by every address of the project', async () => {
    const path = newFile(notebook(['a']));
    const client = await lab(path);
    const atRoot = await lab(path, { ...place, base: server.origin });
    expect(atRoot.session).toEqual(client.session);
    atRoot.model.cells[0]?.updateSource(1, 1, 'b');
    await client.until(() => cellsOf(client.model)[0]?.[1] === 'ab', 'it is the same document');
  });

  it('a notebook is not edited as text beside itself, and what is not there is 404', async () => {
    const path = newFile(notebook(['a']));
    const refused = await askSession(place, path, 'file');
    expect([refused.status, (await refused.json()).message]).toEqual([
      400,
      `“${path}” is a notebook: open it as one.`,
    ]);
    const missing = await askSession(place, 'none.ipynb');
    expect(missing.status).toBe(404);
    const fresh = newFile(notebook(['b']));
    const answers = [await askSession(place, fresh), await askSession(place, fresh)];
    expect(answers.map(({ status }) => status)).toEqual([201, 200]);
  });
});

describe('rights', () => {
  it('whoever may only look sees everything and changes nothing, and is told once', async () => {
    const path = newFile(notebook(['a']));
    const document = await page.open(path);
    const viewer = { ...place, token: await tokenOf(['read'], 'Looking') };
    const client = await lab(path, viewer);
    cellText(document.ydoc, asCellId('c0'))?.insert(1, 'b');
    await client.until(() => cellsOf(client.model)[0]?.[1] === 'ab', 'the viewer reads along');
    client.model.setState('dirty', true);
    expect(await client.save()).toBe('failed');
    expect(client.closed).toEqual([]);
    client.model.cells[0]?.setSource('not mine');
    await client.until(() => client.closed.length > 0, 'it is told');
    await client.until(() => client.opened > 1, 'it dials again');
    expect(client.closed[0]?.code).toBe(1003);
    expect(JSON.parse(client.closed[0]?.reason ?? '')).toMatchObject({
      reason: 'unknown_session',
      errorReason: 'You may look at it, not change it.',
    });
    expect(pageCells(document)).toEqual([['c0', 'ab']]);
  });

  it('a token that is revoked ends the socket, and no socket opens any more', async () => {
    const path = newFile(notebook(['a']));
    const made = await newToken(['edit'], 'Revoked');
    const client = await lab(path, { ...place, token: made.token });
    const answer = await fetch(`${server.origin}/api/projects/${place.project}/tokens/${made.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${server.token}`, origin: server.origin },
    });
    expect(answer.ok).toBe(true);
    await client.until(() => client.closed.length > 1, 'it is shut out');
    expect(client.closed.map(({ code }) => code).slice(0, 2)).toEqual([1008, 1006]);
  });

  it('a client with another history hears so once, then nothing for a while', async () => {
    const path = newFile(notebook(['a']));
    const first = await lab(path);
    const stale = LabClient.over(new YNotebook(), { ...first.session, sessionId: 'of-long-ago' }, place);
    labs.push(stale);
    await stale.until(() => stale.opened >= 2, 'it has dialled again');
    // meanwhile others work: some hundred times what y-websocket waits between two calls
    for (let i = 0; i < 10; i += 1) (await lab(path)).model.cells[0]?.updateSource(0, 0, 'x');
    await first.until(() => cellsOf(first.model)[0]?.[1] === `${'x'.repeat(10)}a`, 'they have worked');
    expect(stale.closed.map(({ code }) => code)).toEqual([1003]);
    expect(JSON.parse(stale.closed[0]?.reason ?? '')).toEqual({
      reason: 'unknown_session',
      sessionId: first.session.sessionId,
      reloadable: true,
    });
    expect([stale.opened, stale.received, stale.provider.synced]).toEqual([2, 0, false]);
  });
});

describe('everybody at once', () => {
  it.each([1, 2, 3])(
    'random edits, moves, naps and deletions end in one notebook, no cell twice (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed);
      const path = newFile(notebook(['a', 'b', 'c', 'd', 'e']));
      const document = await page.open(path);
      const clients = await Promise.all([lab(path), lab(path), lab(path)]);
      const pick = (length: number) => Math.floor(random.next() * length);
      let fresh = 0;
      const act = ({ model, provider }: LabClient, who: number) => {
        const at = pick(model.cells.length);
        const cell = model.cells[at];
        const end = cell?.source.length ?? 0;
        switch (pick(8)) {
          case 0:
            fresh += 1;
            model.insertCell(at, { cell_type: 'code', source: 'new', id: `n${seed}-${who}-${fresh}` });
            return;
          case 1:
            if (model.cells.length > 3) model.deleteCell(at);
            return;
          case 2:
            model.moveCell(at, pick(model.cells.length));
            return;
          case 3:
            if (provider.wsconnected) provider.disconnect();
            else provider.connect();
            return;
          default:
            cell?.updateSource(pick(end + 1), end > 8 ? end : pick(end + 1), `${who}📊`);
            return;
        }
      };
      for (let round = 0; round < 60; round += 1) {
        clients.forEach((client, who) => act(client, who));
        const order = orderedCells(document.ydoc);
        const some = order[pick(order.length)];
        const other = order[pick(order.length)];
        if (some && other && some !== other && random.next() < 0.3) {
          moveCells(document.ydoc, [some.id], { after: other.id }, {}, `j${round}`);
        }
        const text = some && cellText(document.ydoc, some.id);
        text?.insert(pick(text.length + 1), 'P');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      for (const client of clients) client.wake();
      for (const client of clients) {
        await client.synced();
        await client.until(() => areEqual(document, client), 'all say the same');
      }
      const ids = pageCells(document).map(([id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const newcomer = await lab(path);
      expect(cellsOf(newcomer.model)).toEqual(pageCells(document));
    },
  );
});

describe('what is not there', () => {
  const ended = (room: string) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(
        `${server.origin.replace('http', 'ws')}/p/${place.project}/api/collaboration/room/${room}`,
        { headers: { authorization: `Bearer ${server.token}` } },
      );
      socket.on('close', resolve);
    });

  it('is said by the codes that jupyter-collaboration knows', async () => {
    const path = newFile(notebook(['a']));
    const { session } = await lab(path);
    const codes = await Promise.all(
      ['json:notebook:none', 'text:chat:x', 'nonsense', `text:file:${session.fileId}`].map(ended),
    );
    expect(codes).toEqual([4404, 4400, 4400, 4400]);
  });

  it('a notebook that is removed ends its room, and does not come back by a client', async () => {
    const path = newFile(notebook(['a']));
    const client = await lab(path);
    const { authorization = '' } = ownerHeaders(server);
    const answer = await fetch(api(`contents/${path}`), { method: 'DELETE', headers: { authorization } });
    expect(answer.status).toBe(204);
    client.model.cells[0]?.updateSource(1, 1, ' ghost');
    await client.until(() => client.opened > 1, 'it has dialled again');
    expect(client.closed[0]?.code).toBe(4404);
    expect(readdirSync(folder)).not.toContain(path);
    expect((await askSession(place, path)).status).toBe(404);
  });
});

describe('runs', () => {
  it('a cell that JupyterLab asks the server to run shows its outputs to both', async () => {
    const path = newFile(notebook(['print("hello")\n6 * 7', '1/0', 'print("not run")']));
    const document = await page.open(path);
    const client = await lab(path);
    client.model.cells[0]?.updateSource(0, 0, 'x = 1\n');
    const answers = await Promise.all(
      ['c2', 'c0', 'c1'].map((cell) =>
        execute('undefined', { cell_id: cell, document_id: client.provider.roomname }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await page.until(
      () => ['failed', 'done'].includes(document.live.cells[asCellId('c1')]?.state ?? ''),
      120_000,
    );
    const outputs = () => client.model.cells[0]?.toJSON();
    await client.until(() => JSON.stringify(outputs()).includes('42'), 'the result is in JupyterLab');
    expect(outputs()).toMatchObject({
      execution_count: 1,
      outputs: [
        { output_type: 'stream', name: 'stdout', text: 'hello\n' },
        { output_type: 'execute_result', data: { 'text/plain': '42' }, execution_count: 1 },
      ],
    });
    await client.until(
      () => JSON.stringify(client.model.cells[1]?.toJSON()).includes('ZeroDivisionError'),
      'the error is there',
    );
    expect(document.live.cells[asCellId('c2')]?.state ?? 'idle').toBe('idle');
    // run again: the outputs take the place of the old ones
    await execute('undefined', { cell_id: 'c0', document_id: client.provider.roomname });
    await expect.poll(outputs).toMatchObject({
      execution_count: 3,
      outputs: [{ text: 'hello\n' }, { execution_count: 3 }],
    });
    await page.request({ t: 'outputs.clear', doc: document.doc, cells: [asCellId('c0')] });
    await client.until(
      () => JSON.stringify(client.model.cells[0]?.toJSON()).includes('"outputs":[]'),
      'they are cleared',
    );
  });

  it('outputs that a person clears in JupyterLab are cleared for everybody', async () => {
    const path = newFile(notebook(['print(1)']));
    const document = await page.open(path);
    const client = await lab(path);
    await page.runAndWait(document, [asCellId('c0')]);
    await client.until(
      () => JSON.stringify(client.model.cells[0]?.toJSON()).includes('1\\n'),
      'the output is there',
    );
    const cell = client.model.cells[0];
    if (!(cell instanceof YCodeCell)) throw new Error('it is no code cell');
    cell.transact(() => {
      cell.clearOutputs();
      cell.execution_count = null;
    });
    await page.until(() => document.live.cells[asCellId('c0')]?.outputs.length === 0);
    expect(document.live.cells[asCellId('c0')]?.executionCount).toBeNull();
  });

  it('jupyter-server-documents: the code must be what was seen, and requests follow each other', async () => {
    const path = newFile(notebook(['a = 1', 'print(a)']));
    const document = await page.open(path);
    const client = await lab(path);
    const id = client.session.fileId;
    const body = (cell: string, code: string, request: string, before: string | null) => ({
      document_id: id,
      client_id: 1,
      cells: [{ cell_id: cell, source_hash: String(murmurHash(code, 0)) }],
      request_id: request,
      previous_request_id: before,
    });
    const second = execute('none', body('c1', 'print(a)', 'r2', 'r1'));
    const first = await execute('none', body('c0', 'a = 1', 'r1', null));
    expect([first.status, (await second).status]).toEqual([200, 200]);
    await page.until(() => document.live.cells[asCellId('c1')]?.state === 'done', 120_000);
    const mismatch = await execute('none', body('c0', 'a = 2', 'r3', 'r2'));
    expect([mismatch.status, (await mismatch.json()).error]).toEqual([409, 'source_mismatch']);
  });

  it('jupyter-server-nbmodel: a number to ask after, a question answered, a result told once', async () => {
    const path = newFile(notebook(['name = input("Who? ")\nprint("hi", name)']));
    const document = await page.open(path);
    const client = await lab(path);
    const code = cellsOf(client.model)[0]?.[1] ?? '';
    const metadata = { cell_id: 'c0', document_id: client.provider.roomname };
    const accepted = await execute('none', { code, metadata });
    expect(accepted.status).toBe(202);
    const location = accepted.headers.get('location') ?? '';
    const ask = () =>
      fetch(`${server.origin}/p/${place.project}${location}`, { headers: ownerHeaders(server) });
    await expect.poll(async () => (await ask()).status).toBe(300);
    const question = await (await ask()).json();
    expect(question.input_request).toEqual({ prompt: 'Who? ', password: false });
    const kernel = document.live.kernel.kernel ?? '';
    const answer = (body: object, headers = ownerHeaders(server)) =>
      fetch(api(`kernels/${encodeURIComponent(kernel)}/input`), {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
    const ofAnother = await answer({ input: 'Eve', run: 'another' });
    expect([ofAnother.status, (await ofAnother.json()).message]).toEqual([
      409,
      'No cell waits for input any more.',
    ]);
    const authorization = `token ${await tokenOf(['read'], 'Only looking')}`;
    expect((await answer({ input: 'Eve' }, { ...ownerHeaders(server), authorization })).status).toBe(403);
    const run = document.live.cells[asCellId('c0')]?.input?.run;
    expect((await answer({ input: 'Ada', run })).status).toBe(201);
    await page.until(() => document.live.cells[asCellId('c0')]?.state === 'done');
    const result = await (await ask()).json();
    expect([result.status, JSON.parse(result.outputs)[0].text.join('')]).toEqual([
      'ok',
      'Who? Ada\nhi Ada\n',
    ]);
    expect((await ask()).status).toBe(404);
  });
});

describe('a JupyterLab that runs cells by itself', () => {
  it('its outputs are there once, for everybody, also after the run', async () => {
    const path = newFile(notebook(['print("one")\nprint("two")\n6 * 7']));
    const document = await page.open(path);
    const client = await lab(path);
    const other = await lab(path);
    const settings = ServerConnection.makeSettings({
      baseUrl: `${server.origin}/p/${place.project}/`,
      wsUrl: `${server.origin.replace('http', 'ws')}/p/${place.project}/`,
      token: server.token,
      appendToken: true,
    });
    const started = await fetch(api('sessions'), {
      method: 'POST',
      headers: ownerHeaders(server),
      body: JSON.stringify({ path, name: '', type: 'notebook', kernel: { name: 'python3' } }),
    });
    const { kernel } = z
      .object({ kernel: z.object({ id: z.string(), name: z.string() }) })
      .parse(await started.json());
    const connection = new KernelManager({ serverSettings: settings }).connectTo({ model: kernel });
    const cell = client.model.cells[0];
    if (!(cell instanceof YCodeCell)) throw new Error('it is no code cell');
    // what JupyterLab's own executor does with its messages
    const future = connection.requestExecute({ code: cell.source }, false, { cellId: 'c0' });
    future.onIOPub = (message) => {
      const end = cell.outputs.length;
      if (KernelMessage.isStreamMsg(message)) {
        const { name, text } = message.content;
        if (end > 0) cell.appendStreamOutput(end - 1, text);
        else cell.updateOutputs(0, 0, [{ output_type: 'stream', name, text }]);
      } else if (KernelMessage.isExecuteResultMsg(message)) {
        cell.updateOutputs(end, end, [{ output_type: 'execute_result', ...message.content }]);
        cell.execution_count = message.content.execution_count;
      }
    };
    await future.done;
    const expected = [
      { output_type: 'stream', name: 'stdout', text: 'one\ntwo\n' },
      { output_type: 'execute_result', data: { 'text/plain': '42' }, execution_count: 1 },
    ];
    await page.until(() => document.live.cells[asCellId('c0')]?.state === 'done');
    await expect.poll(() => client.model.cells[0]?.toJSON()).toMatchObject({ outputs: expected });
    // both agree once the server writes the cell's outputs again
    await page.runAndWait(document, [asCellId('c0')]);
    for (const each of [client, other]) {
      await expect
        .poll(() => each.model.cells[0]?.toJSON())
        .toMatchObject({
          execution_count: 2,
          outputs: [expected[0], { ...expected[1], execution_count: 2 }],
        });
      expect(each.model.cells[0]?.toJSON()).toMatchObject({ outputs: { length: 2 } });
    }
    expect(document.live.cells[asCellId('c0')]?.outputs).toHaveLength(2);
    connection.dispose();
  });
});

describe('people', () => {
  it('people in the page are in JupyterLab, and the other way round, with their cursors', async () => {
    const path = newFile(notebook(['hello']));
    const document = await page.open(path);
    const peers = new Map<string, Peer>();
    page.onFrame = (frame) => {
      if (frame.t === 'presence' && frame.doc === document.doc && frame.left !== true)
        peers.set(frame.peer.session, frame.peer);
      if (frame.t === 'presence' && frame.left === true) peers.delete(frame.peer.session);
    };
    const client = await lab(path, { ...place, token: await tokenOf(['edit'], 'Laptop') });
    const text = cellText(document.ydoc, asCellId('c0'));
    if (!text) throw new Error('there is no text');
    const at = (index: number) =>
      JSON.stringify(Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index)));
    page.send({
      t: 'presence',
      doc: document.doc,
      state: { cell: asCellId('c0'), anchor: at(2), head: at(4), isEditing: true },
    });
    const others = () =>
      [...client.model.awareness.getStates()]
        .filter(([id]) => id !== client.model.ydoc.clientID)
        .map(([, state]) => state);
    await client.until(
      () => others().some((state) => state['cursors']?.length === 1),
      'the cursor of the page is there',
    );
    const [shown] = others();
    const labText = client.model.cells[0]?.ysource;
    const index = (position: object) =>
      Y.createAbsolutePositionFromRelativePosition(
        Y.createRelativePositionFromJSON(position),
        client.model.ydoc,
      );
    expect(shown?.['user']).toMatchObject({ display_name: 'Owner', color: expect.stringMatching(/^#/) });
    expect(
      [shown?.['cursors'][0].anchor, shown?.['cursors'][0].head].map((each) => index(each)?.index),
    ).toEqual([2, 4]);
    expect(index(shown?.['cursors'][0].anchor)?.type).toBe(labText);

    client.model.awareness.setLocalStateField('user', { name: 'somebody else', username: 'evil' });
    const cursor = (i: number) =>
      Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(labText as Y.Text, i));
    client.model.awareness.setLocalStateField('cursors', [
      { anchor: cursor(1), head: cursor(3), primary: true, empty: false },
    ]);
    await page.until(() => [...peers.values()].some(({ state }) => state?.anchor !== undefined));
    const [peer] = [...peers.values()].filter(({ state }) => state?.anchor !== undefined);
    expect(peer?.person.name).toBe('Owner (Laptop)');
    expect(peer?.state?.cell).toBe('c0');
    const found = (position: string | undefined) =>
      Y.createAbsolutePositionFromRelativePosition(
        Y.createRelativePositionFromJSON(JSON.parse(position ?? '')),
        document.ydoc,
      )?.index;
    expect([found(peer?.state?.anchor), found(peer?.state?.head)]).toEqual([1, 3]);
    const second = await lab(path);
    await second.until(
      () =>
        [...second.model.awareness.getStates().values()].some(
          (state) => state['user']?.name === 'Owner (Laptop)',
        ),
      'a newcomer sees all at once',
    );
    client.close();
    labs.splice(labs.indexOf(client), 1);
    await page.until(() => ![...peers.values()].some(({ person }) => person.name === 'Owner (Laptop)'));
    page.onFrame = undefined;
  });

  it('the room of the whole project tells who is there', async () => {
    const path = newFile(notebook(['']));
    await page.open(path);
    const docs = [new Y.Doc(), new Y.Doc()];
    const providers = docs.map((doc) => awarenessOnly(doc, place));
    providers[0]?.awareness.setLocalStateField('current', 'notebook:a.ipynb');
    await expect
      .poll(() => [...(providers[1]?.awareness.getStates().values() ?? [])].map((state) => state['current']))
      .toContain('notebook:a.ipynb');
    const states = () => [...(providers[1]?.awareness.getStates().values() ?? [])];
    await expect.poll(() => states().some((state) => state['documents']?.includes(path))).toBe(true);
    expect(states().find((state) => state['documents']?.includes(path))?.['user']).toMatchObject({
      display_name: 'Owner',
    });
    await expect.poll(() => providers.every(({ synced }) => synced)).toBe(true);
    for (const provider of providers) provider.destroy();
  });
});

describe('sleep, restart, kill', () => {
  it('a restart is not seen: what was typed offline on both sides is there once', async () => {
    const path = newFile(notebook(['one', 'two', 'three']));
    let document = await page.open(path);
    const client = await lab(path);
    await bothSee(document, client, ['one', 'two', 'three']);
    const sleepers = await Promise.all(Array.from({ length: 10 }, () => lab(path)));
    for (const sleeper of sleepers) sleeper.sleep();
    client.sleep();
    client.model.cells[1]?.updateSource(3, 3, ' offline');
    client.model.moveCell(0, 2);
    cellText(document.ydoc, asCellId('c0'))?.insert(3, ' page');
    await page.until(() => document.saved === document.sent);
    await server.restart();
    page.close();
    page = await Client.connect(server.origin, place.project, server.token);
    document = await page.open(path);
    cellText(document.ydoc, asCellId('c2'))?.insert(5, ' after');
    client.wake();
    for (const sleeper of sleepers) sleeper.wake();
    await bothSee(document, client, ['two offline', 'three after', 'one page']);
    for (const sleeper of sleepers) {
      await sleeper.until(() => areEqual(document, sleeper), 'a sleeper says the same');
      expect(sleeper.closed.filter(({ code }) => code === 1003)).toEqual([]);
    }
    expect(client.closed.filter(({ code }) => code === 1003)).toEqual([]);
    await expect.poll(() => onDisk(path)).toEqual(['two offline', 'three after', 'one page']);
  });

  it('a file that another program changed while the server was down and a JupyterLab slept', async () => {
    const path = newFile(notebook(['one', 'two', 'three']));
    const client = await lab(path);
    expect(await client.save()).toBe('success');
    client.sleep();
    client.model.cells[0]?.updateSource(3, 3, ' asleep');
    await server.kill();
    writeFileSync(join(folder, path), notebook(['one', 'two by vim', 'three']));
    await server.restart();
    page.close();
    page = await Client.connect(server.origin, place.project, server.token);
    client.wake();
    await client.synced();
    const document = await page.open(path);
    await bothSee(document, client, ['one asleep', 'two by vim', 'three']);
    await expect.poll(() => onDisk(path)).toEqual(['one asleep', 'two by vim', 'three']);
    expect(client.closed.filter(({ code }) => code === 1003)).toEqual([]);
  });

  it('kill -9 while two JupyterLabs and a page type: everybody agrees, nothing typed is lost or doubled', async () => {
    const path = newFile(notebook(['', '', '']));
    let document = await page.open(path);
    const [a, b] = await Promise.all([lab(path), lab(path)]);
    let pageTyped = '';
    for (let round = 0; round < 4; round += 1) {
      for (let i = 0; i < 40; i += 1) {
        const mark = `${round}.${i};`;
        const end = (at: number, client: LabClient) => client.model.cells[at]?.source.length ?? 0;
        a.model.cells[0]?.updateSource(end(0, a), end(0, a), mark);
        b.model.cells[1]?.updateSource(end(1, b), end(1, b), mark);
        const text = cellText(document.ydoc, asCellId('c2'));
        text?.insert(text.length, mark);
        pageTyped += mark;
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
      await page.until(() => document.saved === document.sent);
      await server.restart();
      page.close();
      page = await Client.connect(server.origin, place.project, server.token);
      document = await page.open(path);
      await Promise.all([a.synced(), b.synced()]);
    }
    const all = Array.from({ length: 4 }, (_, round) =>
      Array.from({ length: 40 }, (__, i) => `${round}.${i};`).join(''),
    ).join('');
    expect(pageTyped).toBe(all);
    await bothSee(document, a, [all, all, all]);
    await bothSee(document, b, [all, all, all]);
    const fresh = await lab(path);
    expect(cellsOf(fresh.model)).toEqual(pageCells(document));
    expect(fresh.session.sessionId).toBe(a.session.sessionId);
  });
});
