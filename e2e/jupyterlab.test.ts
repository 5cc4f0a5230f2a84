/** The real JupyterLab, as we serve it, beside our own page on one notebook: Ada is in Cahier, Bert in JupyterLab. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { timeline } from '@cahier/protocol/http/history.ts';
import { cellText, orderedCells } from '@cahier/core/notebooks/source-doc.ts';
import { axeFindings } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { Client } from './support/client.ts';
import { firstProject, newNotebook, ownerHeaders } from './support/http.ts';
import {
  type Lab,
  labCell,
  labCommand,
  labConnection,
  labDocument,
  labOutput,
  labPrompt,
  labSources,
  openInLab,
  openLab,
  runInLab,
  selectInLab,
  typeInLab,
} from './support/lab-page.ts';
import {
  badge,
  cell,
  cellTextOf,
  editor,
  inviteLink,
  joinBy,
  openNotebook,
  typeIn,
} from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

describe('JupyterLab beside Cahier', () => {
  let browser: Browser;
  let server: ServerProcess;
  let project: string;
  let path: string;
  let ada: Person;
  let bert: Person;
  let lab: Lab;
  /** What the story itself breaks may be complained about. */
  let expectedFaults: RegExp | null;

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await ServerProcess.start({ env: { SHELL: '/bin/sh', ENV: '', PS1: '$ ' } });
    project = await firstProject(server);
    [ada, bert] = await Promise.all([newPerson(browser, 'Ada'), newPerson(browser, 'Bert')]);
    await signIn(ada, server);
    await openNotebook(ada, server, project, await newNotebook(server, project));
    await joinBy(bert, await inviteLink(ada, 'editor'));
    lab = await openLab(bert, server, project, '', { clock: true });
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  beforeEach(async () => {
    expectedFaults = null;
    for (const { faults } of [ada, bert, lab]) faults.length = 0;
    path = await newNotebook(server, project);
    await openNotebook(ada, server, project, path);
    await openInLab(lab, path);
  });

  afterEach(async () => {
    const expected = expectedFaults;
    const faults = [...ada.faults, ...bert.faults, ...lab.faults];
    expect(expected ? faults.filter((fault) => !expected.test(fault)) : faults).toEqual([]);
  });

  /** What the server has, which is what is saved. */
  async function serverSources(): Promise<string[]> {
    const client = await Client.connect(server.origin, project, server.token);
    const { ydoc } = await client.open(path);
    const sources = orderedCells(ydoc).map(({ id }) => cellText(ydoc, id)?.toString() ?? '');
    client.close();
    return sources;
  }

  async function pageSources(): Promise<string[]> {
    const count = await ada.page.locator('[data-cell]').count();
    return await Promise.all(Array.from({ length: count }, (_, at) => cellTextOf(ada, at + 1)));
  }

  /** All three say the same, and no cell is there twice. */
  async function expectSame(): Promise<string[]> {
    await expect
      .poll(async () => {
        const [here, there, truth] = [await pageSources(), await labSources(lab), await serverSources()];
        return JSON.stringify(here) === JSON.stringify(truth) &&
          JSON.stringify(there) === JSON.stringify(truth)
          ? 'the same'
          : { here, there, truth };
      })
      .toBe('the same');
    const ids = (await labDocument(lab)).cells.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    return await serverSources();
  }

  /** JupyterLab dials its kernel again after a pause of its own: what it says meanwhile belongs to this story. */
  async function expectConnected(): Promise<void> {
    const connected = async () => {
      await lab.page.clock.runFor(1_000);
      return await labConnection(lab);
    };
    await expect.poll(connected).toBe('connected');
  }

  it('opens the notebook, says where it is, and leads back', async () => {
    await expect.poll(() => lab.page.title()).toContain(path);
    expect(await lab.page.title()).toContain('JupyterLab');
    const back = lab.page.getByRole('link', { name: 'Open in Cahier' });
    expect(await back.getAttribute('href')).toMatch(new RegExp(`/p/${project}/edit/${path}$`));
    const opened = bert.context.waitForEvent('page');
    await back.click();
    const page = await opened;
    await page.locator('[data-cell]').first().waitFor();
    expect(new URL(page.url()).pathname).toBe(`/p/${project}/edit/${path}`);
    expect(page.url()).not.toContain('token');
    await page.close();
    await screenshot({ ...bert, page: lab.page }, 'jupyterlab');
  });

  it('leaves the notebook the room of a narrow window', async () => {
    const wide = lab.page.viewportSize();
    await labCommand(lab, 'filebrowser:activate');
    const panels = lab.page.locator('#jp-left-stack');
    await panels.waitFor();
    await lab.page.setViewportSize({ width: 390, height: 844 });
    await panels.waitFor({ state: 'hidden' });
    await expect
      .poll(async () => (await lab.page.locator('.jp-NotebookPanel').boundingBox())?.width)
      .toBeGreaterThan(300);
    await screenshot({ ...bert, page: lab.page }, 'jupyterlab-390');
    if (wide) await lab.page.setViewportSize(wide);
  });

  it('shows what the other types, with names at the cursors', async () => {
    await typeIn(ada, 1, 'a = "📊é"');
    await expect.poll(() => labSources(lab)).toEqual(['a = "📊é"']);
    await labCell(lab, 1).locator('.jp-remote-cursor').first().waitFor();
    await typeInLab(lab, 1, '\nb = 2');
    await expect.poll(() => cellTextOf(ada, 1)).toBe('a = "📊é"\nb = 2');
    await cell(ada, 1).getByText('Bert').first().waitFor();
    const cursor = await labCell(lab, 1).locator('.jp-remote-cursor').first().boundingBox();
    const [x, y] = [cursor?.x ?? 0, (cursor?.y ?? 0) + 4];
    await lab.page.mouse.move(x - 12, y);
    await lab.page.mouse.move(x - 2, y, { steps: 4 });
    await lab.page.locator('.jp-remote-userInfo', { hasText: 'Ada' }).first().waitFor();
    await expectSame();
  });

  it('runs in each: the same outputs, the same number, once', async () => {
    await typeInLab(lab, 1, 'n = 41\nprint("from the lab", n)\nn + 1');
    await runInLab(lab, 1);
    await expect.poll(() => labOutput(lab, 1)).toBe('from the lab 41\n42');
    await expect.poll(() => labPrompt(lab, 1)).toBe('[1]:');
    await cell(ada, 1).getByText('from the lab 41').waitFor();
    await expect.poll(() => cell(ada, 1).innerText()).toContain('42');
    await typeIn(ada, 1, '\nprint("from the page")');
    await editor(ada, 1).click();
    await ada.page.keyboard.press('Control+Enter');
    await expect.poll(() => labOutput(lab, 1)).toBe('from the lab 41\nfrom the page');
    await expect.poll(() => labPrompt(lab, 1)).toBe('[2]:');
    const [only] = (await labDocument(lab)).cells;
    expect(only?.execution_count).toBe(2);
    expect(only?.outputs?.map(({ output_type }) => output_type)).toEqual(['stream']);
  });

  it('completion, interrupt and restart in JupyterLab reach the kernel that runs the cells', async () => {
    // it dials a restarted kernel again
    expectedFaults = /Connection lost, reconnecting in 0 seconds/;
    await typeInLab(lab, 1, 'kept_by_the_kernel = 41');
    await runInLab(lab, 1);
    await expect.poll(() => labPrompt(lab, 1)).toBe('[1]:');
    await labCommand(lab, 'notebook:insert-cell-below');
    await labCommand(lab, 'notebook:enter-edit-mode');
    await lab.page.keyboard.type('kept_by');
    const complete = async () => {
      const [, text] = await labSources(lab);
      // JupyterLab gives a kernel one second to answer
      if (text === 'kept_by') await lab.page.keyboard.press('Tab');
      return text;
    };
    await expect.poll(complete, { interval: 2_000 }).toBe('kept_by_the_kernel');
    await labCommand(lab, 'notebook:insert-cell-below');
    await typeInLab(lab, 3, 'import time\nprint("asleep")\ntime.sleep(1000)');
    await runInLab(lab, 3);
    await expect.poll(() => labOutput(lab, 3)).toBe('asleep');
    await labCommand(lab, 'notebook:interrupt-kernel');
    await expect.poll(() => labOutput(lab, 3)).toContain('KeyboardInterrupt');
    const restarted = labCommand(lab, 'notebook:restart-kernel');
    await lab.page.locator('.jp-Dialog button.jp-mod-accept').click();
    await restarted;
    await lab.page.getByText('was restarted: its variables are gone').first().waitFor();
    await runInLab(lab, 2);
    await expect.poll(() => labOutput(lab, 2)).toContain('NameError');
    expect(await lab.page.locator('.jp-Dialog').allInnerTexts()).toEqual([]);
  });

  it('a question of a cell that was run in JupyterLab is answered there', async () => {
    const asks = labCell(lab, 1).locator('.cahier-question');
    const code =
      'name = input("Who? ")\nfrom getpass import getpass\nn = len(getpass("Word: "))\nprint(name, n)';
    await typeInLab(lab, 1, code);
    await runInLab(lab, 1);
    const who = asks.getByRole('textbox', { name: 'Who?' });
    await who.waitFor();
    await expect.poll(() => who.evaluate((field) => field === document.activeElement)).toBe(true);
    await cell(ada, 1).getByRole('textbox', { name: /Who\?/ }).waitFor();
    // the letters are shortcuts of the notebook, but not here
    await lab.page.keyboard.type('dd Bert');
    await screenshot({ ...bert, page: lab.page }, 'jupyterlab-question');
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    await labCommand(lab, 'docmanager:save');
    await lab.page.keyboard.press('Enter');
    const word = asks.locator('input[type=password]');
    await expect.poll(() => word.evaluate((field) => field === document.activeElement)).toBe(true);
    await word.fill('1234567');
    await word.press('Enter');
    await expect.poll(() => labOutput(lab, 1)).toBe('Who? dd Bert\nWord: ········\ndd Bert 7');
    expect(await asks.count()).toBe(0);
    expect(await labCell(lab, 1).evaluate((node) => node.contains(document.activeElement))).toBe(true);
  });

  it('a question is nowhere but on the pages, and goes from all of them when anybody answers it', async () => {
    const asks = labCell(lab, 1).locator('.cahier-question');
    await typeInLab(lab, 1, 'print("before")\nname = input("Who? ")\nprint("Hello", name)');
    await runInLab(lab, 1);
    await asks.getByRole('textbox', { name: 'Who?' }).waitFor();
    const file = join(server.data, 'projects', project, path);
    await expect.poll(() => readFileSync(file, 'utf8')).toContain('before');
    const copy = await bert.page.request.put(`${server.origin}/p/${project}/api/contents/copy-${path}`, {
      headers: ownerHeaders(server),
      data: { type: 'notebook', format: 'json', content: await labDocument(lab) },
    });
    expect(copy.status()).toBe(201);
    for (const name of [path, `copy-${path}`]) {
      const saved = readFileSync(join(server.data, 'projects', project, name), 'utf8');
      expect(saved).toContain('before');
      expect(saved).not.toMatch(/The code asks|cahier\.input/);
    }
    const field = cell(ada, 1).getByRole('textbox', { name: /Who\?/ });
    await field.fill('Ada');
    await field.press('Enter');
    await expect.poll(() => labOutput(lab, 1)).toBe('before\nWho? Ada\nHello Ada');
    expect(await asks.count()).toBe(0);
  });

  it('a rename is followed in both, and makes one file', async () => {
    await typeInLab(lab, 1, 'kept = 1');
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    const to = 'new-name.ipynb';
    await bert.page.request.fetch(`${server.origin}/p/${project}/api/contents/${path}`, {
      method: 'PATCH',
      data: { path: to },
      headers: await xsrfOf(bert),
    });
    await ada.page.waitForURL(new RegExp(`${to}$`));
    await expect.poll(() => lab.page.title()).toContain(to);
    await typeInLab(lab, 1, '\nafter = 2');
    await typeIn(ada, 1, '\nboth = 3');
    path = to;
    expect(await expectSame()).toEqual(['kept = 1\nafter = 2\nboth = 3']);
    const folder = projectFolder();
    await expect.poll(() => readFileSync(join(folder, to), 'utf8')).toContain('both = 3');
    expect(readdirSync(folder).filter((name) => to.endsWith(name))).toEqual([to]);
  });

  it('cells that both move at the same time are there once, with what was typed meanwhile', async () => {
    await typeInLab(lab, 1, 'one');
    for (const text of ['two', 'three']) {
      await labCommand(lab, 'notebook:insert-cell-below');
      await labCommand(lab, 'notebook:enter-edit-mode');
      await lab.page.keyboard.type(text);
    }
    expect(await expectSame()).toEqual(['one', 'two', 'three']);
    await selectInLab(lab, 1);
    await cell(ada, 1).click({ position: { x: 4, y: 4 } });
    await Promise.all([
      labCommand(lab, 'notebook:move-cell-down'),
      ada.page.keyboard.press('Control+Shift+ArrowDown'),
      typeIn(ada, 3, '!'),
    ]);
    const sources = await expectSame();
    expect([...sources].sort()).toEqual(['one', 'three!', 'two']);
  });

  it('Ctrl+S in JupyterLab saves without a question', async () => {
    await typeInLab(lab, 1, 'saved = True');
    await lab.page.keyboard.press('Control+s');
    const file = join(projectFolder(), path);
    await expect.poll(() => readFileSync(file, 'utf8')).toContain('saved = True');
    await lab.page.keyboard.press('Control+s');
    await typeIn(ada, 1, '  # yes');
    await lab.page.keyboard.press('Control+s');
    await expect.poll(() => readFileSync(file, 'utf8')).toContain('# yes');
    expect(await lab.page.locator('.jp-Dialog').allInnerTexts()).toEqual([]);
  });

  it('Ctrl+S while the line is down, and while it is being opened, is done when it is there: no question', async () => {
    expectedFaults = /WebSocket|ERR_/;
    const file = join(server.data, 'projects', project, path);
    const shown = () => lab.page.locator('.jp-Dialog').allInnerTexts();
    await lab.line.cut();
    await typeInLab(lab, 1, 'kept = 1');
    const first = labCommand(lab, 'docmanager:save');
    lab.line.stall();
    await lab.line.dialled();
    expect(await shown()).toEqual([]);
    const second = labCommand(lab, 'docmanager:save');
    await typeInLab(lab, 1, '\nmore = 2');
    lab.line.mend();
    await Promise.all([first, second]);
    expect(await shown()).toEqual([]);
    await expect.poll(() => readFileSync(file, 'utf8')).toContain('more = 2');
    await expectSame();
  });

  it('a terminal of the project opens in JupyterLab', async () => {
    await labCommand(lab, 'terminal:create-new');
    await lab.page.locator('.jp-Terminal .xterm-screen').waitFor();
    await lab.page.locator('.jp-Terminal textarea').focus();
    const file = join(server.data, 'projects', project, 'said-in-terminal');
    const say = async () => {
      // what is typed before the shell is there is typed to nobody
      await lab.page.keyboard.type('echo $((6*7)) > said-in-terminal\n');
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    };
    await expect.poll(say, { interval: 2_000 }).toBe('42\n');
    await labCommand(lab, 'terminal:shut-down');
  });

  it('a theme that is picked is shown, the first one, too', async () => {
    const theme = () => lab.page.locator('body').getAttribute('data-jp-theme-name');
    await expect.poll(theme).toBe('JupyterLab Light');
    const veil = lab.page.locator('#jupyterlab-splash');
    for (const picked of ['JupyterLab Dark', 'JupyterLab Light']) {
      await labCommand(lab, 'apputils:change-theme', { theme: picked });
      await expect.poll(theme).toBe(picked);
      await veil.waitFor({ state: 'detached' });
    }
  });

  it('a laptop that slept for an hour catches up and gives what was typed on it', async () => {
    expectedFaults = /status of 5|fetch|Session|Kernel|Connection|^GET 4/;
    await typeInLab(lab, 1, 'before');
    await expectSame();
    await lab.line.cut();
    await typeInLab(lab, 1, ' asleep');
    await typeIn(ada, 1, '\nmeanwhile');
    await ada.page.keyboard.press('Escape');
    await ada.page.keyboard.press('b');
    await expect.poll(() => ada.page.locator('[data-cell]').count()).toBe(2);
    await typeIn(ada, 2, 'second');
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    lab.line.mend();
    await lab.page.clock.fastForward('01:00:00');
    const sources = await expectSame();
    expect(sources).toHaveLength(2);
    // both wrote at the same place: either order, nothing of either is lost
    expect(['before asleep\nmeanwhile', 'before\nmeanwhile asleep']).toContain(sources[0]);
    expect(sources[1]).toBe('second');
    await typeInLab(lab, 2, ' awake');
    expect((await expectSame())[1]).toBe('second awake');
    await expectConnected();
    expect(await lab.page.locator('.jp-Dialog').allInnerTexts()).toEqual([]);
  });

  it('a server that is killed in the middle of typing changes nothing and asks nothing', async () => {
    expectedFaults = /Failed|fetch|NetworkError|History was unable|Connection lost|^\w+ 4/;
    await typeInLab(lab, 1, 'one ');
    await expectSame();
    // a kernel that is only being asked for when the server goes is rightly said not to have started
    await lab.page.getByText(/\| Idle$/).waitFor();
    for (const word of ['two ', 'three ']) {
      const typing = Promise.all([typeInLab(lab, 1, word.repeat(5)), server.kill()]);
      await typing;
      await server.restart();
      await lab.page.clock.runFor(5_000);
      const [source] = await expectSame();
      expect(await lab.page.locator('.jp-Dialog').allInnerTexts()).toEqual([]);
      expect(source).toContain(word.repeat(5).trimEnd());
    }
    await expectConnected();
    expect(await lab.page.locator('.jp-Dialog').allInnerTexts()).toEqual([]);
  });

  it('half an hour of both at work, from a script: equal, nothing lost, nothing twice, both named', async () => {
    // Where both run a cell at once, JupyterLab writes its state as well: ydoc stumbles over a key that two wrote, which
    // costs the page no result since the state is a change of its own (decision 5).
    expectedFaults = /handling a Yjs update TypeError: [^\n]*'oldValue'/;
    const random = new SeededRandom(20_261_123);
    const pick = (count: number) => random.below(count);
    const words: string[] = [];
    const word = (who: string) => {
      words.push(`${who}${words.length}z`);
      return ` ${words.at(-1)}`;
    };
    await typeInLab(lab, 1, '#');
    await expectSame();
    for (let minute = 0; minute < 30; minute += 1) {
      const count = await ada.page.locator('[data-cell]').count();
      const [hers, his] = [pick(count) + 1, pick(count) + 1];
      const inPage = async () => {
        switch (pick(4)) {
          case 0:
            await editor(ada, hers).click();
            await ada.page.keyboard.press('Escape');
            await ada.page.keyboard.press(count < 8 ? 'b' : 'ArrowDown');
            break;
          case 1:
            await editor(ada, hers).click();
            await ada.page.keyboard.press('Control+Enter');
            break;
          default:
            await typeIn(ada, hers, `#${word('ada')}`);
        }
      };
      const inLab = async () => {
        switch (pick(5)) {
          case 0:
            await selectInLab(lab, his);
            await labCommand(lab, 'notebook:move-cell-down');
            break;
          case 1:
            await runInLab(lab, his);
            break;
          case 2:
            await lab.page.keyboard.press('Control+s');
            break;
          default:
            await typeInLab(lab, his, `#${word('bert')}`);
        }
      };
      await Promise.all([inPage(), inLab()]);
      await lab.page.clock.fastForward(pick(60_000));
    }
    const sources = (await expectSame()).join('\n');
    for (const each of words) expect([each, sources.split(each).length - 1]).toEqual([each, 1]);
    expect(await lab.page.locator('.jp-Dialog').allInnerTexts()).toEqual([]);
    expect(await authors()).toEqual(expect.arrayContaining(['Ada', 'Bert']));
  });

  /** Who is in the notebook's history. */
  async function authors(): Promise<string[]> {
    const client = await Client.connect(server.origin, project, server.token);
    const { doc } = await client.open(path);
    client.close();
    const answer = await fetch(`${server.origin}/api/projects/${project}/documents/${doc}/history/timeline`, {
      headers: ownerHeaders(server),
    });
    return timeline.parse(await answer.json()).authors.map(({ name }) => name);
  }

  function projectFolder(): string {
    return join(server.data, 'projects', project);
  }
});

async function xsrfOf(person: Person): Promise<Record<string, string>> {
  const cookies = await person.context.cookies();
  const value = cookies.find(({ name }) => name === '_xsrf')?.value ?? '';
  return { 'x-xsrftoken': value };
}

describe('Open in JupyterLab', () => {
  it('says how far its preparation is, why it failed and what helps, while the notebook goes on', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'cahier-npm-'));
    const program = join(bin, 'npm');
    const fetched = 'npm http fetch GET 200 https://registry/part.tgz 9ms (cache miss)';
    writeFileSync(
      program,
      `#!/bin/sh\nfor i in 1 2 3; do echo "${fetched}" >&2; done\nwhile [ ! -e "${bin}/go" ]; do sleep 0.1; done\necho "npm error request to https://registry failed, reason: getaddrinfo ENOTFOUND registry" >&2\nexit 1\n`,
    );
    chmodSync(program, 0o755);
    const server = await ServerProcess.start({
      env: { PATH: `${bin}:/usr/bin:/bin`, npm_execpath: '', CAHIER_JUPYTERLAB: join(bin, 'builds') },
    });
    const browser = await launchBrowser();
    try {
      const project = await firstProject(server);
      const ada = await newPerson(browser, 'Ada');
      await signIn(ada, server);
      const path = await newNotebook(server, project);
      await openNotebook(ada, server, project, path);
      await ada.page
        .getByRole('banner')
        .getByRole('button', { name: /More|Menu/ })
        .click();
      await ada.page.getByRole('menuitem', { name: 'Open in JupyterLab' }).click();
      const dialog = ada.page.getByRole('dialog', { name: 'Open in JupyterLab' });
      await dialog.getByText(/parts: 3 of \d+/).waitFor();
      await dialog.getByRole('progressbar').waitFor();
      expect(await axeFindings(ada)).toEqual([]);
      await screenshot(ada, 'open-in-jupyterlab');
      await dialog.getByRole('button', { name: 'Close' }).last().click();
      await typeIn(ada, 1, 'meanwhile = True');
      await expect.poll(() => badge(ada).innerText()).toBe('Saved');
      writeFileSync(join(bin, 'go'), '');
      // JupyterLab's own address leads to the same dialog
      await ada.page.goto(`${server.origin}/p/${project}/lab/tree/${path}`);
      await dialog.getByRole('alert').getByText('Connect the server to the network').waitFor();
      expect(new URL(ada.page.url()).search).toBe('');
      expect(await axeFindings(ada)).toEqual([]);
      await screenshot(ada, 'open-in-jupyterlab-failed');
      expect(ada.faults).toEqual([]);
    } finally {
      await browser.close();
      await server.stop();
      rmSync(bin, { recursive: true, force: true });
    }
  });
});
