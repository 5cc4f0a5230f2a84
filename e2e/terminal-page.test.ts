/** The terminal in the page: opened from the files, shared, left by the keyboard, alive over restarts, seen light and dark. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { firstProject } from './support/http.ts';
import { inviteLink, joinBy } from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

let folder: string;
let server: ServerProcess;
let browser: Browser;
let project: string;
let ada: Person;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-terminal-page-'));
  server = await ServerProcess.start({
    folder,
    env: { SHELL: '/bin/bash', HOME: folder, PS1: '', TERM: 'xterm-256color' },
  });
  project = await firstProject(server);
  browser = await launchBrowser();
  ada = await newPerson(browser, 'Ada');
  await signIn(ada, server);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const screenOf = (person: Person) => person.page.locator('.xterm-rows');
const shows = (person: Person, what: string | RegExp) =>
  expect.poll(async () => (await screenOf(person).locator('> div').allInnerTexts()).join('\n')).toMatch(what);
const type = async (person: Person, text: string) => {
  await person.page.keyboard.type(text);
  await person.page.keyboard.press('Enter');
};
const twice = (word: string) => new RegExp(`(?:${word}[^]*){2}`);

describe('the terminal of the page', () => {
  it('is opened from the files, and works at once', async () => {
    const { page } = ada;
    await page.goto(`${server.origin}/p/${project}`);
    await page.getByRole('button', { name: 'More', exact: true }).first().waitFor();
    await page.locator('main').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Terminal' }).click();
    await page.waitForURL(/\/terminals\/1$/);
    await shows(ada, /[$#] /);
    await type(ada, 'echo hello-terminal; pwd');
    await shows(ada, twice('hello-terminal'));
    await shows(ada, folder);
    expect(await page.title()).toBe('Terminal 1 · Cahier');
  });

  it('is shared: what one types the other sees, and who is there', async () => {
    await ada.page.goto(`${server.origin}/p/${project}`);
    const link = await inviteLink(ada, 'editor');
    const ben = await newPerson(browser, 'Ben', { colorScheme: 'dark', width: 900, height: 700 });
    await joinBy(ben, link);
    await ben.page.getByRole('link', { name: 'Terminal 1' }).click();
    await ada.page.getByRole('link', { name: 'Terminal 1' }).click();
    await shows(ben, twice('hello-terminal'));
    await ada.page.getByRole('list', { name: 'Also in this terminal' }).getByText('Ben').waitFor();
    await type(ben, 'echo from-ben');
    await shows(ada, twice('from-ben'));
    await ada.page.getByText(/the size of the smallest window/).waitFor();
    await type(
      ada,
      "printf '\\033[31mred \\033[32mgreen \\033[34mblue\\033[0m é€😀\\n'; ls --color=always -la",
    );
    await shows(ben, 'é€😀');
    await screenshot(ada, 'terminal-light-1280');
    await screenshot(ben, 'terminal-dark-900');
    expect(ben.faults).toEqual([]);
    await ben.context.close();
    await ada.page.getByRole('list', { name: 'Also in this terminal' }).waitFor({ state: 'detached' });
  });

  it('follows the theme, fits a narrow window, and reads aloud when asked', async () => {
    const { page } = ada;
    await page.emulateMedia({ colorScheme: 'dark' });
    const background = () =>
      page
        .locator('.xterm-scrollable-element')
        .first()
        .evaluate((element) => {
          for (let at: Element | null = element; at; at = at.parentElement) {
            const color = getComputedStyle(at).backgroundColor;
            if (color !== 'rgba(0, 0, 0, 0)') return color;
          }
          return '';
        });
    await expect.poll(background).toBe('rgb(26, 29, 37)');
    await page.setViewportSize({ width: 390, height: 800 });
    await type(ada, 'clear; stty size');
    await shows(ada, /^\d+ [345]\d$/m);
    await screenshot(ada, 'terminal-dark-390');
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(background).toBe('rgb(255, 255, 255)');
    await page.getByRole('banner').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitemradio', { name: 'Read out what is shown' }).click();
    await page.locator('.xterm-accessibility').waitFor({ state: 'attached' });
    await page.getByRole('banner').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitemradio', { name: 'Read out what is shown' }).click();
    await page.locator('.xterm-accessibility').waitFor({ state: 'detached' });
  });

  it('is left by F6 and entered again by Enter; Tab is the shell’s', async () => {
    const { page } = ada;
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement?.className ?? '');
    expect(await focused()).toContain('xterm-helper-textarea');
    await page.keyboard.press('F6');
    expect(await focused()).not.toContain('xterm');
    await page.keyboard.press('Enter');
    expect(await focused()).toContain('xterm-helper-textarea');
  });

  it('survives a flood, and the page stays quick', async () => {
    await ada.page.locator('.xterm-helper-textarea').focus();
    await type(ada, 'clear; yes | head -c 2000000; echo flood-is-over');
    await shows(ada, /^flood-is-over/m);
    await type(ada, 'yes');
    await shows(ada, /y\ny\ny/);
    await ada.page.keyboard.press('Control+c');
    await type(ada, 'clear; echo quiet-again');
    await shows(ada, /^quiet-again/m);
  });

  it('comes back after the server was killed, with its shell', async () => {
    await type(ada, 'clear; remembered=yes-it-is; echo kept');
    // keys on their way when the server dies are lost, as with any shell: the line has to be the shell's
    await shows(ada, /^kept/m);
    await server.kill();
    await ada.page.getByText('The connection is away for a moment').waitFor();
    await server.restart();
    await ada.page.getByText('The connection is away for a moment').waitFor({ state: 'detached' });
    await type(ada, 'echo "$remembered"');
    await shows(ada, 'yes-it-is\n');
  });

  it('says how it ended, and offers another', async () => {
    const { page } = ada;
    await type(ada, 'exit 3');
    await page.getByText('The shell ended with exit code 3.').waitFor();
    await screenshot(ada, 'terminal-ended');
    await page.getByRole('button', { name: 'New terminal' }).click();
    await shows(ada, /[$#] /);
    await page.goto(`${server.origin}/p/${project}/terminals/none`);
    await page.getByText('This terminal has ended.').waitFor();
    expect(ada.faults).toEqual([]);
  });
});
