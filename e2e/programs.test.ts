/** A story of other programs: a token is made in the page, used by a program, seen to be used, and taken back. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { axeFindings, overflowOf } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { firstProject, newNotebook } from './support/http.ts';
import { inviteLink, joinBy, openNotebook } from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

let browser: Browser;
let server: ServerProcess;
let project: string;
let path: string;
const people: Person[] = [];

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
});
afterEach(async () => {
  const faults = people.flatMap(({ faults: seen }) => seen);
  await Promise.all(people.splice(0).map(({ context }) => context.close()));
  expect(faults).toEqual([]);
});

async function come(name: string, options: Parameters<typeof newPerson>[2] = {}): Promise<Person> {
  const made = await newPerson(browser, name, options);
  people.push(made);
  return made;
}

async function openDialog(person: Person) {
  const { page } = person;
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'Connect a program…' }).scrollIntoViewIfNeeded();
  await screenshot(person, `share-with-programs-${person.page.viewportSize()?.width}`);
  await page.getByRole('button', { name: 'Connect a program…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect another program' });
  await dialog.waitFor();
  return dialog;
}

const status = async (address: string, token: string, below = 'api/contents', method = 'GET') =>
  (await fetch(`${address}/${below}`, { method, headers: { authorization: `token ${token}` } })).status;

describe('other programs', () => {
  it('come in with a token that is shown once, listed with its use, and taken back', async () => {
    const ada = await come('Ada');
    await signIn(ada, server);
    await ada.page.goto(`${server.origin}/p/${project}`);
    const dialog = await openDialog(ada);
    await dialog.getByText('There is none yet.').waitFor();
    expect(await axeFindings(ada)).toEqual([]);
    await screenshot(ada, 'programs-new');
    await dialog.getByRole('radio', { name: 'VS Code' }).check();
    await dialog.getByLabel('Name, to find it again').fill('VS Code at home');
    await dialog.getByRole('button', { name: 'Make token' }).click();
    const token = await dialog.getByRole('textbox', { name: 'Token' }).inputValue();
    expect(token).toMatch(/^cahier_/);
    const lines = await dialog.locator('pre').allTextContents();
    expect(lines).toEqual([`${server.origin}/p/${project}/?token=${token}`]);
    await dialog.getByRole('button', { name: /^Copy: In a notebook/ }).click();
    expect(await ada.page.evaluate(async () => navigator.clipboard.readText())).toBe(lines[0]);
    expect(await axeFindings(ada)).toEqual([]);
    await screenshot(ada, 'programs-made');
    const address = `${server.origin}/p/${project}`;
    expect(await status(address, token)).toBe(200);
    expect(await status(address, token, 'api/contents/x.txt', 'PUT')).toBe(403);
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    expect(await dialog.innerHTML()).not.toContain(token);
    await dialog.getByRole('button', { name: 'Close' }).click();
    const again = await openDialog(ada);
    const row = again.getByRole('listitem').filter({ hasText: 'VS Code at home' });
    await row.getByText('may look, run code · as Ada · used just now').waitFor();
    expect(await again.innerHTML()).not.toContain(token);
    await screenshot(ada, 'programs-list');
    await row.getByRole('button', { name: 'Take back “VS Code at home”' }).click();
    await again.getByText('There is none yet.').waitFor();
    expect(await status(address, token)).toBe(403);
  });

  it('that cannot send headers get an address; what it may do is chosen with the keyboard alone', async () => {
    const ada = await come('Ada', { width: 390, height: 800, colorScheme: 'dark' });
    await signIn(ada, server);
    await ada.page.goto(`${server.origin}/p/${project}`);
    const dialog = await openDialog(ada);
    expect(await overflowOf(ada)).toBe(0);
    await screenshot(ada, 'programs-new-dark-390');
    // the dialog begins at its first choice
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.keyboard.press('ArrowDown');
    expect(await dialog.getByRole('radio', { name: 'nbclient' }).isChecked()).toBe(true);
    await ada.page.keyboard.press('Tab');
    await ada.page.keyboard.type('Nightly');
    await ada.page.keyboard.press('Enter');
    const address = await dialog.getByRole('textbox', { name: 'Address' }).inputValue();
    expect(address).toMatch(/\/k\/[\w-]+\.cahierurl_/);
    expect(await overflowOf(ada)).toBe(0);
    expect(await axeFindings(ada)).toEqual([]);
    await screenshot(ada, 'programs-made-dark-390');
    expect((await fetch(`${address}/api/kernelspecs`)).status).toBe(200);
    expect((await fetch(`${address}/api/contents/x`, { method: 'PUT', body: '{}' })).status).toBe(403);
    const row = dialog.getByRole('listitem').filter({ hasText: 'Nightly' });
    await row.getByRole('button', { name: 'Take back “Nightly”' }).click();
    await dialog.getByRole('button', { name: 'Make token' }).waitFor();
    expect((await fetch(`${address}/api/kernelspecs`)).status).toBe(403);
  });

  it('of somebody who may only look may only look', async () => {
    const ada = await come('Ada');
    const vi = await come('Vi');
    await signIn(ada, server);
    await openNotebook(ada, server, project, path);
    await joinBy(vi, await inviteLink(ada, 'viewer'));
    await openNotebook(vi, server, project, path);
    await vi.page.keyboard.press('ControlOrMeta+k');
    await vi.page.getByRole('combobox', { name: 'Find a command' }).fill('Connect JupyterLab');
    await vi.page.getByRole('option', { name: /^Connect JupyterLab/ }).click();
    const dialog = vi.page.getByRole('dialog', { name: 'Connect another program' });
    await dialog.getByText('You can look here, so a program of yours can, too.').waitFor();
    expect(await dialog.getByRole('checkbox', { name: 'run code' }).isDisabled()).toBe(true);
    await dialog.getByRole('radio', { name: 'Python' }).check();
    await dialog.getByRole('button', { name: 'Make token' }).click();
    const token = await dialog.getByRole('textbox', { name: 'Token' }).inputValue();
    const address = `${server.origin}/p/${project}`;
    expect(await status(address, token)).toBe(200);
    expect(await status(address, token, 'api/kernels', 'POST')).toBe(403);
    await dialog.getByText('may look · used just now').waitFor();
    await screenshot(vi, 'programs-viewer');
  });
});
