/** What is kept: deleted files come back, who may look back, how long, taking it along, and removing a part for ever. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, overflowOf } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { firstProject, newNotebook, ownerHeaders } from './support/http.ts';
import { badge, cell, inviteLink, joinBy, openNotebook, typeIn } from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

describe('keeping the history', () => {
  let browser: Browser;
  let server: ServerProcess;
  let project: string;
  let path: string;
  let ada: Person;

  const goToPage = async (person: Person) => {
    await person.page.goto(`${server.origin}/p/${project}/history`);
    await person.page.getByRole('heading', { name: 'History', exact: true }).waitFor();
  };
  const deleteFile = async (file: string) => {
    const { authorization = '', origin = '' } = ownerHeaders(server);
    const url = `${server.origin}/api/projects/${project}/files?path=${encodeURIComponent(file)}`;
    const { status } = await fetch(url, { method: 'DELETE', headers: { authorization, origin } });
    expect(status).toBeLessThan(300);
  };
  const saved = async (person: Person) => {
    await expect.poll(() => badge(person).innerText()).toBe('Saved');
  };

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await ServerProcess.start();
    project = await firstProject(server);
    path = await newNotebook(server, project);
    ada = await newPerson(browser, 'Ada');
    await signIn(ada, server);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it('lists a deleted notebook, shows it, and brings it back with its history', async () => {
    await openNotebook(ada, server, project, path);
    await typeIn(ada, 1, 'password = "hunter2"');
    await ada.page.keyboard.press('Control+a');
    await ada.page.keyboard.type('answer = 42');
    await saved(ada);
    await deleteFile(path);
    await ada.page.goto(`${server.origin}/p/${project}`);
    await ada.page.getByRole('button', { name: 'More', exact: true }).first().click();
    await ada.page.getByRole('menuitem', { name: 'History and deleted files' }).click();
    await ada.page.getByRole('button', { name: `Look at ${path}` }).click();
    const look = ada.page.getByRole('dialog', { name: path });
    await look.getByText('answer = 42').waitFor();
    await screenshot(ada, 'keeping-look');
    expect(await axeFindings(ada)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('button', { name: `Recover ${path}` }).click();
    await ada.page.getByRole('link', { name: `Open ${path}` }).click();
    await cell(ada, 1).getByText('answer = 42').waitFor();
    await ada.page.getByRole('button', { name: 'History', exact: true }).click();
    const main = ada.page.getByRole('slider', { name: 'Moment' });
    await main.waitFor();
    expect(Number(await main.getAttribute('aria-valuemax'))).toBeGreaterThan(30);
  });

  it('recovers under another name when the old one is taken', async () => {
    await deleteFile(path);
    await fetch(`${server.origin}/api/projects/${project}/files`, {
      method: 'POST',
      headers: ownerHeaders(server),
      body: JSON.stringify({ folder: '', type: 'notebook', name: path }),
    });
    await goToPage(ada);
    await ada.page.getByRole('button', { name: `Recover ${path}` }).click();
    const dialog = ada.page.getByRole('dialog', { name: `Recover ${path}` });
    await dialog.getByText('There is another file of that name now.').waitFor();
    await dialog.getByLabel('New name').fill('back.ipynb');
    await dialog.getByRole('button', { name: 'Recover' }).click();
    await ada.page.getByRole('link', { name: 'Open back.ipynb' }).click();
    await cell(ada, 1).getByText('answer = 42').waitFor();
  });

  it('lets the owner decide who looks back, and says what a rule would remove', async () => {
    const bert = await newPerson(browser, 'Bert');
    await ada.page.goto(`${server.origin}/p/${project}`);
    await joinBy(bert, await inviteLink(ada, 'viewer'));
    await goToPage(bert);
    await bert.page.getByText('The history is not open to you').waitFor();
    await goToPage(ada);
    await ada.page.getByRole('radio', { name: /Everybody in the project/ }).check();
    await ada.page.getByText('It counts from now on.').waitFor();
    await goToPage(bert);
    await bert.page.getByRole('heading', { name: 'Deleted files' }).waitFor();
    expect(await bert.page.getByRole('combobox', { name: 'Keep the history' }).count()).toBe(0);
    await bert.context.close();

    await ada.page.getByRole('combobox', { name: 'Keep the history' }).selectOption({ label: '30 days' });
    const dialog = ada.page.getByRole('dialog', { name: 'Keep only 30 days of history?' });
    await dialog.getByText('removed for ever').waitFor();
    await screenshot(ada, 'keeping-rule');
    expect(await axeFindings(ada)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect
      .poll(() => ada.page.getByRole('combobox', { name: 'Keep the history' }).inputValue())
      .toBe('null');
  });

  it('exports one history, and all of them', async () => {
    await openNotebook(ada, server, project, path);
    await goToPage(ada);
    const download = async (name: RegExp | string) => {
      const [file] = await Promise.all([
        ada.page.waitForEvent('download'),
        ada.page.getByRole('link', { name }).click(),
      ]);
      return readFileSync(await file.path(), 'utf8')
        .trim()
        .split('\n');
    };
    const one = await download('Export the history of back.ipynb');
    expect(one[0]).toContain('"line":"history"');
    expect(one.filter((line) => line.includes('"line":"step"')).length).toBeGreaterThan(30);
    const link = ada.page.getByRole('link', { name: /^Export all/ });
    const all = await link.evaluate(async (element) => {
      const answer = await fetch(element.getAttribute('href') ?? '');
      return [`${answer.status}`, ...(await answer.text()).trim().split('\n')];
    });
    expect(all[0]).toBe('200');
    expect(all.filter((line) => line.startsWith('{"line":"history"')).length).toBeGreaterThan(1);
  });

  it('removes a part for ever after a word is typed, and shows none of it again', async () => {
    await openNotebook(ada, server, project, 'back.ipynb');
    await ada.page.getByRole('button', { name: 'History', exact: true }).click();
    const panel = ada.page.getByRole('region', { name: 'History' });
    const main = panel.getByRole('slider', { name: 'Moment' });
    const secret = panel.getByText('hunter2');
    await main.focus();
    await ada.page.keyboard.press('Home');
    for (let i = 0; i < 21 && !(await secret.isVisible()); i++) await ada.page.keyboard.press('ArrowRight');
    await secret.waitFor();
    for (let i = 0; i < 2; i++) await ada.page.keyboard.press('ArrowRight');
    const to = Number(await main.getAttribute('aria-valuenow'));
    await panel.getByRole('button', { name: 'More about this history' }).click();
    await ada.page.getByRole('menuitem', { name: 'Remove a part for ever…' }).click();
    const dialog = ada.page.getByRole('dialog', { name: 'Remove a part of the history for ever' });
    await dialog.getByText(`${to} of`).waitFor();
    const remove = dialog.getByRole('button', { name: 'Remove for ever' });
    expect(await remove.isEnabled()).toBe(false);
    await dialog.getByLabel('Type “remove” to go on').fill('remove');
    await screenshot(ada, 'keeping-purge');
    expect(await axeFindings(ada)).toEqual([]);
    await remove.click();
    await ada.page.getByText(`${to} steps are gone for ever`).waitFor();
    await ada.page.getByRole('button', { name: 'Close the history' }).last().click();
    await ada.page.reload();
    await ada.page.getByRole('button', { name: 'History', exact: true }).click();
    await main.focus();
    await ada.page.keyboard.press('Home');
    for (let i = 0; i < to + 2; i++) {
      expect(await secret.isVisible(), `step ${i + 1}`).toBe(false);
      await ada.page.keyboard.press('ArrowRight');
    }
    await ada.page.keyboard.press('End');
    await panel.getByText('answer = 42').first().waitFor();
  });

  it('has no serious finding of axe, light and dark, wide and narrow', async () => {
    await deleteFile('back.ipynb');
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      const eve = await newPerson(browser, 'Eve', { colorScheme, width });
      await signIn(eve, server);
      await goToPage(eve);
      await eve.page.getByRole('button', { name: 'Recover back.ipynb' }).waitFor();
      await eve.page.getByRole('radio').first().waitFor();
      await screenshot(eve, `keeping-${colorScheme}-${width}`);
      expect(await axeFindings(eve)).toEqual([]);
      expect(await overflowOf(eve)).toBe(0);
      expect(eve.faults).toEqual([]);
      await eve.context.close();
    }
    // The browser notes the refusal of a name that is taken.
    expect(ada.faults.filter((fault) => !fault.includes('status of 409'))).toEqual([]);
  });
});
