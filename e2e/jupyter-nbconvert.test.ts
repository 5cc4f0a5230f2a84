/** Issue 3, line 1: nbconvert, listed and run through the project's own, on what people see and on what a client sends. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asCellId } from '@cahier/base/ids.ts';
import { cellText } from '@cahier/core/notebooks/source-doc.ts';
import { NbConvertManager } from '@jupyterlab/services';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { Client } from './support/client.ts';
import { JupyterProject } from './support/jupyter-project.ts';
import { pythonEnv } from './support/python-env.ts';

const notebook = {
  cells: [
    { cell_type: 'markdown', id: 'top', metadata: {}, source: ['# Größe ☂'] },
    { cell_type: 'code', execution_count: 1, id: 'one', metadata: {}, outputs: [], source: ['print(1)'] },
  ],
  metadata: {
    kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
    language_info: { name: 'python', file_extension: '.py' },
  },
  nbformat: 4,
  nbformat_minor: 5,
};

let at: JupyterProject;
beforeAll(async () => {
  const { python } = await pythonEnv('jupyter');
  at = await JupyterProject.start(
    (folder) => {
      writeFileSync(join(folder, 'n.ipynb'), JSON.stringify(notebook));
      writeFileSync(join(folder, 'a.txt'), 'a');
      writeFileSync(join(folder, 'torn.ipynb'), '{"cells": [');
    },
    { VIRTUAL_ENV: dirname(dirname(python)) },
  );
});
afterAll(() => at.stop());

it('JupyterLab’s menu is made of what there is', async () => {
  const formats = await new NbConvertManager({ serverSettings: at.settings() }).getExportFormats();
  expect(formats['html']).toEqual({ output_mimetype: 'text/html' });
  expect(Object.keys(formats)).toEqual(expect.arrayContaining(['markdown', 'script', 'notebook', 'latex']));
});

it('a notebook is converted as people see it, shown or saved, and can reach nothing here', async () => {
  const person = await Client.connect(at.server.origin, at.id, at.server.token);
  const document = await person.open('n.ipynb');
  cellText(document.ydoc, asCellId('one'))?.insert(0, '# typed just now\n');
  await expect.poll(async () => (await at.ask('api/contents/n.ipynb')).text()).toContain('# typed just now');
  expect(await (await at.ask('nbconvert/script/n.ipynb')).text()).toContain('# typed just now\nprint(1)');
  const shown = await at.ask('nbconvert/html/n.ipynb');
  expect(shown.status).toBe(200);
  expect(shown.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(shown.headers.get('content-security-policy')).toMatch(/^sandbox allow-scripts/);
  expect(shown.headers.get('content-security-policy')).not.toContain('allow-same-origin');
  expect(shown.headers.get('content-disposition')).toMatch(/^inline; filename="n\.html"/);
  expect(await shown.text()).toContain('Größe ☂');
  const saved = await at.ask('nbconvert/markdown/n.ipynb?download=true');
  expect(saved.headers.get('content-disposition')).toMatch(/^attachment; filename="n\.md"/);
  person.close();
});

it('a notebook that is sent is converted', async () => {
  const body = {
    name: 'mine.ipynb',
    path: 'mine.ipynb',
    type: 'notebook',
    format: 'json',
    content: notebook,
  };
  for (const headers of [{}, { 'content-type': 'application/json' }]) {
    const answer = await at.ask('nbconvert/script', {
      method: 'POST',
      body,
      headers: { authorization: `token ${at.token}`, ...headers },
    });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('print(1)')]);
    expect(answer.headers.get('content-disposition')).toContain('mine.py');
  }
});

it('what cannot be converted is refused in Jupyter’s form', async () => {
  expect(await at.refusal('nbconvert/html/none.ipynb')).toEqual([404, null]);
  expect(await at.refusal('nbconvert/html/a.txt')).toEqual([400, 'bad type']);
  expect((await at.refusal('nbconvert/none-such/n.ipynb'))[0]).toBe(404);
  for (const body of ['{', '{}', '[]', '{"content":7}'])
    expect([body, (await at.refusal('nbconvert/html', { method: 'POST', body }))[0]]).toEqual([body, 400]);
});

it('a notebook that is broken is refused in nbconvert’s own words, on disk and sent', async () => {
  const said = z.object({ message: z.string() });
  const onDisk = await at.ask('nbconvert/html/torn.ipynb');
  expect([onDisk.status, said.parse(await onDisk.json()).message]).toEqual([
    400,
    expect.stringMatching(/^“torn\.ipynb” could not be written as html, .*does not appear to be JSON/),
  ]);
  const { cells, ...rest } = notebook;
  expect(cells).toHaveLength(2);
  const sent = await at.ask('nbconvert/script', { method: 'POST', body: { content: rest } });
  expect([sent.status, said.parse(await sent.json()).message]).toEqual([
    400,
    expect.stringContaining('missing an expected key: cells'),
  ]);
});

it('who is not signed in is led to where they can, when it is a person', async () => {
  const asks = ['nbconvert/html/n.ipynb', 'files/a.txt?download=1', 'view/page.html'];
  for (const path of asks) {
    const browser = await at.ask(path, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    const next = encodeURIComponent(`/p/${at.id}/${path.split('?')[0]}`);
    expect([path, browser.status, browser.headers.get('location')]).toEqual([
      path,
      302,
      `/p/${at.id}/login?next=${next}`,
    ]);
    expect([path, [401, 403].includes((await at.ask(path, { headers: {} })).status)]).toEqual([path, true]);
  }
});
