/** What hands know from other notebooks: find and replace over all cells, sections that fold, by keys alone. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { axeFindings, overflowOf } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { firstProject } from './support/http.ts';
import { cell, cellCount, cellTextOf, openNotebook } from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

const cells = [
  ['markdown', '# Sums'],
  ['markdown', '## First\n\nThe total of all.'],
  ['code', 'total = 1'],
  ['code', 'print(total)'],
  ['markdown', '## Second'],
  ['code', 'subtotal = 2'],
] as const;

const notebook = {
  cells: cells.map(([cell_type, source], i) => ({
    cell_type,
    id: `c${i}`,
    metadata: {},
    source,
    ...(cell_type === 'code' ? { outputs: [], execution_count: null } : {}),
  })),
  metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 5,
};

describe('craft', () => {
  let folder: string;
  let server: ServerProcess;
  let browser: Browser;
  let ada: Person;
  let project: string;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-craft-'));
    writeFileSync(join(folder, 'sums.ipynb'), JSON.stringify(notebook));
    server = await ServerProcess.start({ folder });
    project = await firstProject(server);
    ada = await newPerson(browser, 'Ada');
    await signIn(ada, server);
    await openNotebook(ada, server, project, 'sums.ipynb');
  });
  afterEach(async () => {
    await ada.context.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds in every cell, opens what is rendered, and replaces all of it in one step that can be undone', async () => {
    const { page } = ada;
    const bar = page.getByRole('search', { name: 'Find in this notebook' });
    await cell(ada, 1).click();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('total');
    await bar.getByText('1 of 4').waitFor();
    // The first hit stands in a rendered cell: its text is shown, with the word marked.
    await cell(ada, 2).locator('.cm-searchMatch-selected').waitFor();
    expect(await axeFindings(ada)).toEqual([]);
    await screenshot(ada, 'find');
    await page.keyboard.press('Enter');
    await cell(ada, 3).locator('.cm-searchMatch-selected').waitFor();
    await cell(ada, 2).getByRole('heading', { name: 'First' }).waitFor();
    await bar.getByRole('button', { name: 'Whole words only' }).click();
    await bar.getByText(/of 3$/).waitFor();

    // Escape leaves the cursor at what was found: typing takes its place.
    await page.keyboard.press('Escape');
    await bar.waitFor({ state: 'detached' });
    await page.keyboard.type('sum');
    await expect.poll(() => cellTextOf(ada, 3)).toBe('sum = 1');
    await page.keyboard.press('Control+z');
    await expect.poll(() => cellTextOf(ada, 3)).toBe('total = 1');

    await page.keyboard.press('Escape');
    await page.keyboard.press('f');
    await bar.getByRole('textbox', { name: 'Replace with' }).fill('amount');
    await bar.getByRole('button', { name: 'Replace all' }).click();
    await page.getByText('Replaced in 3 places').waitFor();
    await expect.poll(() => readFileSync(join(folder, 'sums.ipynb'), 'utf8')).toContain('print(amount)');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => cellTextOf(ada, 4)).toBe('print(total)');

    await page.setViewportSize({ width: 390, height: 800 });
    expect(await overflowOf(ada)).toBe(0);
    await screenshot(ada, 'find-narrow');
    expect(ada.faults).toEqual([]);
  });

  it('brings what is typed right after Shift-Enter into the new cell, however fast the hands are', async () => {
    const { page } = ada;
    await cell(ada, 6).locator('.cm-content').click();
    await page.keyboard.press('Control+End');
    for (const line of ['first', 'second', 'third', 'fourth']) {
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.type(line);
    }
    const texts = () => Promise.all([6, 7, 8, 9, 10].map((number) => cellTextOf(ada, number)));
    await expect.poll(texts).toEqual(['subtotal = 2', 'first', 'second', 'third', 'fourth']);
    expect(ada.faults).toEqual([]);
  });

  it('folds a section under its heading; what is folded moves with it, and a hit in it is shown', async () => {
    const { page } = ada;
    await cell(ada, 2).click();
    await page.keyboard.press('ArrowLeft');
    await page.getByText('2 cells are folded').waitFor();
    expect(await cellCount(ada)).toBe(4);
    expect(await axeFindings(ada)).toEqual([]);
    await screenshot(ada, 'folded');
    await page.keyboard.press('Control+Shift+ArrowDown');
    const order = () =>
      (JSON.parse(readFileSync(join(folder, 'sums.ipynb'), 'utf8')) as typeof notebook).cells.map(
        ({ id }) => id,
      );
    await expect.poll(order).toEqual(['c0', 'c4', 'c1', 'c2', 'c3', 'c5']);

    await page.keyboard.press('Control+f');
    await page.keyboard.type('print');
    await page.locator('.cm-searchMatch-selected').waitFor();
    expect(await cellCount(ada)).toBe(6);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    // Up to the heading of the section, which folds; then everything, and everything back.
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.getByText(/cells are folded/).waitFor();
    await page.keyboard.press('Control+Shift+ArrowLeft');
    await expect.poll(() => cellCount(ada)).toBe(1);
    await page.keyboard.press('Control+Shift+ArrowRight');
    await expect.poll(() => cellCount(ada)).toBe(6);
    expect(ada.faults).toEqual([]);
  });
});
