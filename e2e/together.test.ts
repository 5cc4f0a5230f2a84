/** Stories of people in one notebook, each in a browser of their own. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { axeFindings, overflowOf } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { firstProject, newNotebook } from './support/http.ts';
import {
  badge,
  cell,
  cellCount,
  cellTextOf,
  editor,
  inviteLink,
  joinBy,
  openNotebook,
  typeIn,
} from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

describe('two people in one notebook', () => {
  let browser: Browser;
  let server: ServerProcess;
  let project: string;
  let path: string;
  let ada: Person;
  let bert: Person;

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await ServerProcess.start();
    project = await firstProject(server);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  beforeEach(async () => {
    path = await newNotebook(server, project);
    ada = await newPerson(browser, 'Ada');
    bert = await newPerson(browser, 'Bert');
    await signIn(ada, server);
    await openNotebook(ada, server, project, path);
    await joinBy(bert, await inviteLink(ada, 'editor'));
    await openNotebook(bert, server, project, path);
  });

  afterEach(async () => {
    const faults = [...ada.faults, ...bert.faults];
    await ada.context.close();
    await bert.context.close();
    expect(faults).toEqual([]);
  });

  it('see each other type, with names at the cursors', async () => {
    await typeIn(ada, 1, 'a = 1');
    await expect.poll(() => cellTextOf(bert, 1)).toBe('a = 1');
    await bert.page
      .locator('.cm-content')
      .first()
      .getByText('Ada')
      .or(cell(bert, 1).getByText('Ada'))
      .first()
      .waitFor();
    await typeIn(bert, 1, '\nb = 2');
    await expect.poll(() => cellTextOf(ada, 1)).toBe('a = 1\nb = 2');
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    await screenshot(ada, 'together');
  });

  it('typing faster than anybody can, each key saved at once, is no loop to the page', async () => {
    const typed = Array.from({ length: 60 }, (_, at) => `x${at}`).join(' ');
    await typeIn(ada, 1, typed);
    await expect.poll(() => cellTextOf(bert, 1)).toBe(typed);
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    expect([...ada.faults, ...bert.faults]).toEqual([]);
  });

  it('undo takes back what I did, not what the other did', async () => {
    await typeIn(ada, 1, 'mine');
    await expect.poll(() => cellTextOf(bert, 1)).toBe('mine');
    await typeIn(bert, 1, ' theirs');
    await expect.poll(() => cellTextOf(ada, 1)).toBe('mine theirs');
    await editor(ada, 1).click();
    await ada.page.keyboard.press('Control+z');
    await expect.poll(() => cellTextOf(ada, 1)).toBe(' theirs');
    await expect.poll(() => cellTextOf(bert, 1)).toBe(' theirs');
  });

  it('a cell that one moves while the other types in it is there once, with everything typed', async () => {
    await typeIn(ada, 1, 'first');
    await ada.page.keyboard.press('Escape');
    await ada.page.keyboard.press('b');
    await expect.poll(() => cellCount(bert)).toBe(2);
    await typeIn(bert, 1, ' and');
    await ada.page.keyboard.press('Escape');
    await cell(ada, 1).locator('.cm-content').click();
    await ada.page.keyboard.press('Escape');
    await Promise.all([ada.page.keyboard.press('Control+Shift+ArrowDown'), bert.page.keyboard.type(' more')]);
    await expect.poll(() => cellTextOf(ada, 2)).toBe('first and more');
    await expect.poll(() => cellTextOf(bert, 2)).toBe('first and more');
    expect([await cellCount(ada), await cellCount(bert)]).toEqual([2, 2]);
  });

  it('run for both: queue, result and who asked', async () => {
    await typeIn(ada, 1, 'print("hello from", 6 * 7)\n[n * n for n in range(5)]');
    await ada.page.keyboard.press('Control+Enter');
    await cell(bert, 1).getByText('hello from 42').waitFor();
    await cell(bert, 1).getByText('[0, 1, 4, 9, 16]').waitFor();
    const late = await newPerson(browser, 'Cleo');
    await joinBy(late, await inviteLink(ada, 'viewer'));
    await openNotebook(late, server, project, path).catch(() => undefined);
    await cell(late, 1).getByText('hello from 42').waitFor();
    await cell(late, 1).click();
    await late.page.keyboard.type('x');
    await late.page.keyboard.press('Enter');
    await late.page.keyboard.type('mischief');
    expect(await cellTextOf(ada, 1)).not.toContain('mischief');
    expect(await cellTextOf(late, 1)).toBe(await cellTextOf(ada, 1));
    await late.context.close();
  });

  it('input() asks everybody, and the other one answers', async () => {
    await typeIn(ada, 1, 'name = input("Who? ")\nprint("Hello,", name)');
    await ada.page.keyboard.press('Control+Enter');
    const prompt = cell(bert, 1).locator('input:not([type=checkbox])').first();
    await prompt.waitFor();
    await prompt.fill('Bert');
    await prompt.press('Enter');
    await cell(ada, 1).getByText('Hello, Bert').waitFor();
    await cell(bert, 1).getByText('Hello, Bert').waitFor();
    expect(await cell(ada, 1).locator('input').count()).toBe(0);
  });

  it('offline, typing goes on, survives closing the tab, and is merged on return', async () => {
    await typeIn(ada, 1, 'before');
    await expect.poll(() => cellTextOf(bert, 1)).toBe('before');
    // the others see a key before it is on the disk
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    await ada.context.setOffline(true);
    await expect.poll(() => badge(ada).innerText()).toContain('Offline');
    await typeIn(ada, 1, ' offline');
    await typeIn(bert, 1, ' online');
    await expect.poll(() => badge(ada).innerText()).toMatch(/Offline.*8 changes/);
    await screenshot(ada, 'offline');
    await ada.page.close();
    ada = { ...ada, page: await ada.context.newPage() };
    await ada.page.goto(`${server.origin}/p/${project}/edit/${path}`);
    await expect.poll(() => cellTextOf(ada, 1)).toContain('offline');
    await ada.context.setOffline(false);
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    await expect.poll(() => cellTextOf(ada, 1)).toContain('online');
    const text = await cellTextOf(ada, 1);
    expect(text).toContain(' offline');
    await expect.poll(() => cellTextOf(bert, 1)).toBe(text);
  });

  it('the server is killed and started again: the badge says so, nothing typed is lost, nothing doubled', async () => {
    await typeIn(ada, 1, 'one ');
    await server.kill();
    await ada.page.keyboard.type('two ');
    await expect.poll(() => badge(ada).innerText()).toContain('Offline');
    await server.restart();
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    await expect.poll(() => cellTextOf(bert, 1)).toBe('one two ');
    expect([await cellCount(ada), await cellCount(bert)]).toEqual([1, 1]);
  });

  it('what the server had lost of somebody who never comes back is theirs, when another brings it back', async () => {
    const cleo = await newPerson(browser, 'Cleo');
    await joinBy(cleo, await inviteLink(ada, 'editor'));
    await openNotebook(cleo, server, project, path);
    await typeIn(cleo, 1, 'x = 1');
    await expect.poll(() => badge(cleo).innerText()).toBe('Saved');
    // Another program holds the disk's file of histories: nothing that is typed from here on reaches it.
    const holder = new DatabaseSync(join(server.data, 'history.sqlite'), { timeout: 30_000 });
    try {
      holder.exec('BEGIN IMMEDIATE');
      await cleo.page.keyboard.type('  # lost');
      await expect.poll(() => cellTextOf(bert, 1)).toBe('x = 1  # lost');
      await cleo.context.close();
      // Also those who open the page anew meanwhile still know whose it is.
      for (const { page } of [ada, bert])
        await expect.poll(() => page.evaluate(keptVouchers)).toBeGreaterThanOrEqual('  # lost'.length);
      await server.kill();
      for (const { page } of [ada, bert]) await page.reload();
      await expect.poll(() => cellTextOf(ada, 1)).toBe('x = 1  # lost');
    } finally {
      holder.close();
    }
    await server.restart();
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    const history = ada.page.getByRole('region', { name: 'History' });
    await ada.page.getByRole('button', { name: 'History', exact: true }).click();
    const moment = history.getByRole('slider', { name: 'Moment' });
    await moment.focus();
    await ada.page.keyboard.press('End');
    await history.getByRole('button', { name: 'Who wrote this' }).click();
    await expect
      .poll(async () => (await history.locator('[data-author="Cleo"]').allInnerTexts()).join(''))
      .toBe('x = 1  # lost');
    // key by key: before the last one it is not there
    await moment.focus();
    await ada.page.keyboard.press('ArrowLeft');
    await expect
      .poll(async () => (await history.locator('[data-author="Cleo"]').allInnerTexts()).join(''))
      .toBe('x = 1  # los');
    await screenshot(ada, 'brought-back');
  });

  it('history: go back, look, restore; both see it and it can be undone by going forward', async () => {
    await typeIn(ada, 1, 'print("old")');
    await ada.page.keyboard.press('Control+Enter');
    await cell(ada, 1).getByText('old', { exact: true }).waitFor();
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    await bert.page.waitForTimeout(2_500);
    await editor(bert, 1).click();
    await bert.page.keyboard.press('Control+a');
    await bert.page.keyboard.type('print("new")');
    await expect.poll(() => badge(bert).innerText()).toBe('Saved');
    await ada.page.getByRole('button', { name: 'History' }).click();
    const slider = ada.page.getByRole('slider').first();
    await slider.waitFor();
    await slider.focus();
    await ada.page.keyboard.press('End');
    await expect.poll(() => ada.page.getByRole('main').innerText()).toContain('new');
    for (let i = 0; i < 40 && !(await ada.page.getByRole('main').innerText()).includes('print("old")'); i++) {
      await ada.page.keyboard.press('ArrowLeft');
      await ada.page.waitForTimeout(100);
    }
    expect(await ada.page.getByRole('main').innerText()).toContain('print("old")');
    await screenshot(ada, 'history');
    await ada.page.getByRole('button', { name: 'Restore' }).click();
    await ada.page.getByRole('menuitem', { name: 'results stay' }).click();
    await expect.poll(() => cellTextOf(bert, 1)).toBe('print("old")');
  });

  it('has no serious finding of axe, light and dark, wide and narrow', { timeout: 240_000 }, async () => {
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['light', 390],
      ['dark', 390],
    ] as const) {
      const eve = await newPerson(browser, 'Eve', { colorScheme, width });
      await signIn(eve, server);
      for (const place of ['/', `/p/${project}`, `/p/${project}/edit/Welcome.ipynb`]) {
        await eve.page.goto(`${server.origin}${place}`);
        await eve.page.getByRole('main').waitFor();
        if (place.endsWith('ipynb')) await eve.page.locator('.cm-content').first().waitFor();
        await screenshot(
          eve,
          `page-${colorScheme}-${width}${place.replaceAll('/', '-').replace(project, 'project')}`,
        );
        const findings = await axeFindings(eve);
        expect(findings, `${place} ${colorScheme} ${width}`).toEqual([]);
        expect(await overflowOf(eve), `${place} is wider than ${width}`).toBe(0);
      }
      await eve.context.close();
    }
  });
});

/** In the page: how many updates of others it keeps that are not on the server's disk. */
function keptVouchers(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('cahier');
    opening.onerror = () => reject(new Error('no storage'));
    opening.onsuccess = () => {
      const db = opening.result;
      const asked = db.transaction('vouched').objectStore('vouched').getAll();
      asked.onsuccess = () => {
        db.close();
        resolve(
          asked.result.reduce((sum: number, row: { vouched: unknown[] }) => sum + row.vouched.length, 0),
        );
      };
    };
  });
}
