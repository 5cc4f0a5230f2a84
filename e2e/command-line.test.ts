/**
 * Jupyter's command line, from PyPI, typed in terminals of the project: its kernelspecs, notebooks and scripts that it
 * runs, and `jupyter console --existing` at the kernel of a notebook that the page has open.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CellId, asCellId } from '@cahier/base/ids.ts';
import { insertCell } from '@cahier/core/notebooks/source-doc.ts';
import { pythonWith } from '@cahier/runner/testing/python-tools.ts';
import { tokenMade } from '@cahier/protocol/http/tokens.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Client, type OpenDocument } from './support/client.ts';
import { firstProject, newNotebook, ownerHeaders } from './support/http.ts';
import { ServerProcess } from './support/server-process.ts';
import { TerminalScreen } from './support/terminal-screen.ts';

let folder: string;
let server: ServerProcess;
let base: string;
let token: string;
let screen: TerminalScreen;
let client: Client;
let document: OpenDocument;
let cells = 0;

beforeAll(async () => {
  const python = await pythonWith('jupyter-tools', ['nbconvert', 'ipykernel', 'jupyter-console']);
  folder = mkdtempSync(join(tmpdir(), 'cahier-command-line-'));
  const path = `${dirname(python)}:${process.env['PATH'] ?? ''}`;
  server = await ServerProcess.start({
    folder,
    env: { PATH: path, HOME: folder, SHELL: '/bin/sh', ENV: '', PS1: '$ ', TERM: 'xterm' },
  });
  const project = await firstProject(server);
  base = `${server.origin}/p/${project}/`;
  const made = await fetch(`${server.origin}/api/projects/${project}/tokens`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ name: 'Terminal', scopes: ['run'] }),
  });
  token = tokenMade.parse(await made.json()).token;
  screen = await newTerminal();
  client = await Client.connect(server.origin, project, server.token);
  document = await client.open(await newNotebook(server, project));
});

afterAll(async () => {
  client?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function newTerminal(): Promise<TerminalScreen> {
  const headers = { authorization: `token ${token}` };
  const opened = await fetch(`${base}api/terminals`, { method: 'POST', headers, body: '{}' });
  const { name } = z.object({ name: z.string() }).parse(await opened.json());
  const terminal = await new TerminalScreen(base, token).dial(name);
  terminal.say('set_size', 40, 200);
  return terminal;
}

/** A console at the page's kernel, in a terminal of its own, at its first prompt. */
async function newConsole(): Promise<TerminalScreen> {
  const terminal = await newTerminal();
  terminal.type('jupyter console --existing; echo "console ended with" $?\r');
  await terminal.shows(/In \[/);
  return terminal;
}

async function run(source: string): Promise<string> {
  const id: CellId = asCellId(`cell-${++cells}`);
  insertCell(document.ydoc, { id, type: 'code', source }, { after: null }, null, `a${cells}`);
  await client.runAndWait(document, [id]);
  const outputs = document.live.cells[id]?.outputs ?? [];
  return outputs.map((output) => (output.type === 'stream' ? output.text : output.type)).join('');
}

describe('jupyter console --existing', () => {
  it('attaches to the kernel that the page started, and each sees the other’s variables', async () => {
    expect(await run('ours = 41\nprint("started")')).toBe('started\n');
    const other = '--ZMQTerminalInteractiveShell.include_other_output=True';
    screen.type(`jupyter console --existing ${other}\r`);
    await screen.shows(/In \[/);
    screen.type('theirs = ours + 1; print("in the console:", theirs)\r');
    await screen.shows(/in the console: 42/);
    expect(await run('print("on the page:", theirs)')).toBe('on the page: 42\n');
  });

  it('shows what the page runs, and the page shows that the kernel works for the console', async () => {
    screen.type('import time; print("on", flush=True); time.sleep(4); print("off")\r');
    await client.until(() => document.live.kernel.status === 'busy');
    expect(document.live.queue).toEqual([]);
    await client.until(() => document.live.kernel.status === 'idle');
    await screen.shows(/\noff/);
    const states = Object.values(document.live.cells).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['done']));
    const outputsBefore = JSON.stringify(document.live.cells);
    expect(outputsBefore).not.toContain('off');
    expect(await run('print("seen", "by", "both")')).toBe('seen by both\n');
    await screen.shows(/seen by both/);
  });

  it('waits its turn behind a cell of the page, which does not wait for the console’s word', async () => {
    const id = asCellId('slow');
    const source = 'import time; time.sleep(3); print("first")';
    insertCell(document.ydoc, { id, type: 'code', source }, { after: null }, null, 'b0');
    await client.request({ t: 'run.queue', doc: document.doc, cells: [id] });
    await client.until(() => document.live.cells[id]?.state === 'running');
    screen.type('print("behind", "it")\r');
    await screen.shows(/behind it/);
    expect(document.live.cells[id]).toMatchObject({ state: 'done', outputs: [{ text: 'first\n' }] });
  });
});

describe('leaving the console', () => {
  it('by Ctrl+D keeps the kernel, with what is in it', async () => {
    expect(await run('kept = "still here"; print("set")')).toBe('set\n');
    const terminal = await newConsole();
    terminal.type('\x04');
    await terminal.shows(/Do you really want to exit/);
    terminal.type('y\r');
    await terminal.shows(/keeping kernel alive[^]*console ended with 0/);
    expect(await run('print(kept)')).toBe('still here\n');
  });

  it('by exit(keep_kernel=True) keeps it, too', async () => {
    const terminal = await newConsole();
    terminal.type('exit(keep_kernel=True)\r');
    await terminal.shows(/keeping kernel alive[^]*console ended with 0/);
    expect(await run('print(kept)')).toBe('still here\n');
  });

  it('by exit ends the kernel, which the page says; a restart gives another', async () => {
    const terminal = await newConsole();
    terminal.type('exit\r');
    await terminal.shows(/Shutting down kernel[^]*console ended with 0/);
    await client.until(() => document.live.kernel.status === 'dead');
    expect(document.live.kernel.reason).toMatch(/^It ended by itself\./);
    await client.request({ t: 'kernel.restart', doc: document.doc });
    expect(await run('print("kept" in globals())')).toBe('False\n');
  });
});

describe('Jupyter’s other commands', () => {
  it('list the kernelspecs', async () => {
    const terminal = await newTerminal();
    terminal.type('jupyter kernelspec list; echo "listed with" $?\r');
    await terminal.shows(/python3 +\/\S+\/kernels\/python3[^]*listed with 0/);
  });

  it('run a notebook, whose results come to the page that has it open', async () => {
    const cell = { cell_type: 'code', execution_count: null, id: 'a', metadata: {}, outputs: [] };
    const kernelspec = { display_name: 'Python 3', language: 'python', name: 'python3' };
    const made = {
      cells: [{ ...cell, source: ['print(6 * 7)'] }],
      metadata: { kernelspec },
      nbformat: 4,
      nbformat_minor: 5,
    };
    writeFileSync(join(folder, 'made.ipynb'), JSON.stringify(made));
    const open = await client.open('made.ipynb');
    const terminal = await newTerminal();
    terminal.type('jupyter execute --inplace made.ipynb; echo "executed with" $?\r');
    await terminal.shows(/executed with 0/);
    await client.until(() => open.live.cells[asCellId('a')]?.outputs.length === 1);
    expect(open.live.cells[asCellId('a')]).toMatchObject({
      executionCount: 1,
      outputs: [{ type: 'stream', text: '42\n' }],
    });
  });

  it('run a script in a kernel', async () => {
    writeFileSync(join(folder, 'script.py'), 'print("from a", "script:", 6 * 7)\n');
    const terminal = await newTerminal();
    terminal.type('jupyter run script.py; echo "ran with" $?\r');
    await terminal.shows(/from a script: 42[^]*ran with 0/);
  });
});
