/** Versions: moments with names, commits of Git on the same timeline, and other files, each compared with any moment. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, overflowOf } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { firstProject } from './support/http.ts';
import { badge, cell, editor, openNotebook, typeIn } from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

const notebook = (...sources: readonly string[]) =>
  JSON.stringify({
    cells: sources.map((source, i) => ({
      cell_type: 'code',
      execution_count: null,
      id: `cell-${i}`,
      metadata: {},
      outputs: [],
      source,
    })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  });

/** 400 random grey pixels: a picture too large to stand in the live document, and never the same twice. */
const picture = [
  'from IPython.display import Image, display',
  'import os, struct, zlib',
  'def chunk(kind, data):',
  '    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))',
  'rows = b"".join(b"\\0" + os.urandom(100) for _ in range(80))',
  'png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100, 80, 8, 0, 0, 0, 0))',
  'display(Image(png + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")))',
].join('\n');

describe('versions in time travel', () => {
  let browser: Browser;
  let server: ServerProcess;
  let project: string;
  let folder: string;
  let ada: Person;

  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Grace', '-c', 'user.email=g@example.org', ...args], {
      cwd: folder,
    });
  const panel = () => ada.page.getByRole('region', { name: 'History' });
  const main = () => panel().getByRole('slider', { name: 'Moment' });
  const comparison = () => panel().getByRole('region', { name: 'Comparison' });
  const dialog = () => ada.page.getByRole('dialog', { name: 'Versions' });
  const said = () => main().getAttribute('aria-valuetext');
  const openHistory = async () => {
    await ada.page.getByRole('button', { name: 'History', exact: true }).click();
    await main().waitFor();
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-versions-'));
    writeFileSync(join(folder, 'lesson.ipynb'), notebook('x = 1', 'y = 2'));
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'The first lesson');
    writeFileSync(join(folder, 'lesson.ipynb'), notebook('x = 1', 'y = 22'));
    git('commit', '-qam', 'A better y');
    writeFileSync(join(folder, 'other.ipynb'), notebook('x = 1', 'z = 3', 'y = 22'));
    writeFileSync(join(folder, 'notes.md'), 'one\ntwo\n');
    writeFileSync(join(folder, 'broken.ipynb'), '{"cells": 7');
    browser = await launchBrowser();
    server = await ServerProcess.start({ folder });
    project = await firstProject(server);
    ada = await newPerson(browser, 'Ada');
    await signIn(ada, server);
    await openNotebook(ada, server, project, 'lesson.ipynb');
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives a moment a name, finds it again, and takes the name away', async () => {
    await typeIn(ada, 1, 'x = 10\n');
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    await openHistory();
    await expect.poll(said).toContain('now');
    const seq = await main().getAttribute('aria-valuenow');
    await panel().getByRole('button', { name: 'Versions: named, and in Git' }).click();
    await dialog().getByLabel('Name this moment').fill('Handed out');
    await dialog().getByRole('button', { name: 'Name it' }).click();
    await dialog().getByText('named by Ada').waitFor();
    await screenshot(ada, 'versions-dialog');
    expect(await axeFindings(ada)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await main().focus();
    await ada.page.keyboard.press('Home');
    await panel().getByRole('button', { name: 'Versions: named, and in Git' }).click();
    await dialog().getByRole('button', { name: 'Show Handed out' }).click();
    await expect.poll(() => main().getAttribute('aria-valuenow')).toBe(seq);
    await expect.poll(said).toContain('“Handed out”');
    await panel().getByRole('button', { name: 'Versions: named, and in Git' }).click();
    await dialog().getByRole('button', { name: 'Take the name “Handed out” away' }).click();
    await dialog().getByText('No moment has a name yet').waitFor();
    await ada.page.keyboard.press('Escape');
    await expect.poll(said).not.toContain('“Handed out”');
  });

  it('compares with a commit of Git, and says what Git has', async () => {
    await panel().getByRole('button', { name: 'Versions: named, and in Git' }).click();
    await dialog().getByText('A better y').waitFor();
    await dialog()
      .getByRole('button', { name: /^Compare with .*The first lesson/ })
      .click();
    await comparison()
      .getByText(/2 cells changed/)
      .waitFor();
    expect((await comparison().locator('del').allInnerTexts()).join(' ')).toMatch(/1|2/);
    await comparison()
      .getByText(/The first lesson/)
      .waitFor();
    await screenshot(ada, 'versions-commit');
    await comparison()
      .getByRole('button', { name: /^Before: .*The first lesson.*Choose another/ })
      .click();
    await ada.page.getByRole('menuitem', { name: 'With the beginning' }).click();
    await comparison().getByText('1 cell changed.').waitFor();
  });

  it('compares with another notebook, and with the file itself: results are told apart by what they show', async () => {
    await ada.page.keyboard.press('Escape');
    await editor(ada, 2).click();
    await ada.page.keyboard.press('Control+a');
    await ada.page.keyboard.insertText(picture);
    await ada.page.keyboard.press('Control+Enter');
    await cell(ada, 2).locator('img').waitFor({ timeout: 90_000 });
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    await openHistory();
    const withFile = async (name: string) => {
      await panel().getByRole('button', { name: 'Compare', exact: true }).click();
      await ada.page.getByRole('menuitem', { name: 'With another file…' }).click();
      const files = ada.page.getByRole('dialog', { name: 'Compare with a notebook' });
      await files.getByRole('button', { name }).click();
    };
    await withFile('other.ipynb');
    await comparison()
      .getByText(/1 cell removed/)
      .waitFor();
    await comparison().getByText('z = 3').waitFor();
    await screenshot(ada, 'versions-file');
    // What is on the disk is what is on the screen, picture and all.
    await expect
      .poll(
        async () => {
          await withFile('lesson.ipynb');
          await comparison().getByRole('status').waitFor();
          return comparison().getByRole('status').innerText();
        },
        { interval: 500 },
      )
      .toBe('No difference between these two.');
    await withFile('broken.ipynb');
    await panel().getByText('is not a notebook').waitFor();
    await panel().getByRole('button', { name: 'Stop comparing' }).click();
  });

  it('shows a run that ends while the history is open, and follows a link that is opened there', async () => {
    const before = Number(await main().getAttribute('aria-valuemax'));
    await main().focus();
    await ada.page.keyboard.press('End');
    await ada.page.evaluate(() => void (location.hash = '#at=2'));
    await expect.poll(() => main().getAttribute('aria-valuenow')).toBe('2');
    const bert = await newPerson(browser, 'Ada in another tab');
    await signIn(bert, server);
    await openNotebook(bert, server, project, 'lesson.ipynb');
    await cell(bert, 2).locator('.cm-content').click();
    await bert.page.keyboard.press('Control+Enter');
    await expect.poll(async () => Number(await main().getAttribute('aria-valuemax'))).toBe(before + 1);
    await main().focus();
    await ada.page.keyboard.press('End');
    await expect.poll(said).toContain('code was run');
    await bert.context.close();
  });

  it('does so for a text file, and on a narrow screen', async () => {
    const eve = await newPerson(browser, 'Eve', { width: 390, colorScheme: 'dark' });
    await signIn(eve, server);
    await eve.page.goto(`${server.origin}/p/${project}/edit/notes.md#at=1`);
    const his = eve.page.getByRole('region', { name: 'History' });
    await his.getByRole('slider', { name: 'Moment' }).waitFor();
    await his.getByRole('button', { name: 'Versions: named, and in Git' }).click();
    await eve.page.getByText('Git does not know this file yet').waitFor();
    await screenshot(eve, 'versions-dialog-dark-390');
    expect(await axeFindings(eve)).toEqual([]);
    expect(await overflowOf(eve)).toBe(0);
    await eve.page.keyboard.press('Escape');
    await his.getByRole('button', { name: 'Compare' }).click();
    await eve.page.getByRole('menuitem', { name: 'With another file…' }).click();
    await eve.page.getByRole('dialog').getByRole('button', { name: 'other.ipynb' }).click();
    await his
      .getByRole('region', { name: 'Comparison' })
      .getByText(/2 lines added/)
      .waitFor();
    await screenshot(eve, 'versions-text-dark-390');
    expect(await overflowOf(eve)).toBe(0);
    expect([...ada.faults, ...eve.faults]).toEqual([]);
  });
});
