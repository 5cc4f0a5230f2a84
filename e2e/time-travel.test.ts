/** The history as people use it: look, walk, compare, bring back, ask who wrote it, follow one piece of work. */
import { fileMade } from '@cahier/protocol/http/files.ts';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, overflowOf } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { firstProject, newNotebook, ownerHeaders } from './support/http.ts';
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

describe('time travel', () => {
  let browser: Browser;
  let server: ServerProcess;
  let project: string;
  let path: string;
  let ada: Person;
  let bert: Person;

  const panel = () => ada.page.getByRole('region', { name: 'History' });
  const main = () => panel().getByRole('slider', { name: 'Moment' });
  const stepOf = async () => Number(await main().getAttribute('aria-valuenow'));
  const pastCell = (number: number): Locator =>
    panel()
      .locator('section[data-type]')
      .nth(number - 1);
  const saved = async (person: Person) => {
    await expect.poll(() => badge(person).innerText()).toBe('Saved');
  };
  const openHistory = async () => {
    if (!(await panel().isVisible()))
      await ada.page.getByRole('button', { name: 'History', exact: true }).click();
    await main().waitFor();
    await main().focus();
    await ada.page.keyboard.press('End');
  };

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await ServerProcess.start();
    project = await firstProject(server);
    path = await newNotebook(server, project);
    ada = await newPerson(browser, 'Ada');
    bert = await newPerson(browser, 'Bert');
    await signIn(ada, server);
    await openNotebook(ada, server, project, path);
    await joinBy(bert, await inviteLink(ada, 'editor'));
    await openNotebook(bert, server, project, path);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it('is recorded: Ada writes and runs, Bert goes on, something fails, a cell goes, one is split', async () => {
    await typeIn(ada, 1, 'total = 6 * 7');
    await ada.page.keyboard.press('Enter');
    await ada.page.keyboard.type('print("the total is", total)');
    await ada.page.keyboard.press('Control+Enter');
    await cell(ada, 1).getByText('the total is 42').waitFor({ timeout: 90_000 });
    await ada.page.keyboard.press('Escape');
    await ada.page.keyboard.press('b');
    await expect.poll(() => cellCount(bert)).toBe(2);
    await typeIn(bert, 2, 'oops = 1 / 0');
    await bert.page.keyboard.press('Control+Enter');
    await cell(bert, 2).getByText('ZeroDivisionError').first().waitFor();
    await saved(bert);
    await editor(bert, 1).click();
    await bert.page.keyboard.press('Control+Home');
    for (let i = 0; i < 8; i++) await bert.page.keyboard.press('ArrowRight');
    await bert.page.keyboard.type('100 + ');
    await bert.page.keyboard.press('Control+Enter');
    await cell(ada, 1).getByText('the total is 142').waitFor();
    await ada.page.evaluate(() => navigator.clipboard.writeText('pasted = "by Ada"'));
    await editor(ada, 2).click();
    await ada.page.keyboard.press('Control+End');
    await ada.page.keyboard.press('Enter');
    await ada.page.keyboard.press('Control+v');
    await expect.poll(() => cellTextOf(bert, 2)).toContain('pasted');
    await saved(ada);
    await cell(bert, 2).locator('.cm-content').click();
    await bert.page.keyboard.press('Escape');
    await bert.page.keyboard.press('d');
    await bert.page.keyboard.press('d');
    await expect.poll(() => cellCount(ada)).toBe(1);
    await editor(ada, 1).click();
    await ada.page.keyboard.press('Control+Home');
    await ada.page.keyboard.press('End');
    await ada.page.keyboard.press('Control+Shift+Minus');
    await expect.poll(() => cellCount(bert)).toBe(2);
    await saved(ada);
    await saved(bert);
  });

  it('walks by step, burst, run, error and paste, and says where it is', async () => {
    await openHistory();
    const last = await stepOf();
    expect(last).toBeGreaterThan(60);
    await ada.page.keyboard.press('ArrowLeft');
    expect(await stepOf()).toBe(last - 1);
    await ada.page.keyboard.press('Home');
    expect(await stepOf()).toBe(1);
    await panel().getByRole('button', { name: 'Next error' }).click();
    await pastCell(2).getByText('ZeroDivisionError').first().waitFor();
    await panel().getByRole('button', { name: 'Next paste' }).click();
    await expect.poll(() => pastCell(2).innerText()).toContain('pasted = "by Ada"');
    await expect.poll(() => main().getAttribute('aria-valuetext')).toContain('Ada');
    await panel().getByRole('button', { name: 'Previous run' }).click();
    await expect.poll(() => pastCell(1).innerText()).toContain('the total is 142');
    await main().focus();
    await ada.page.keyboard.press('[');
    await expect.poll(() => main().getAttribute('aria-valuetext')).toContain('Ada');
    await ada.page.keyboard.press('Home');
    await ada.page.keyboard.press('Shift+ArrowRight');
    expect(await stepOf()).toBeGreaterThan(1);
    await screenshot(ada, 'time-travel');
  });

  it('is dragged, zoomed and played', async () => {
    await openHistory();
    const last = await stepOf();
    const track = await main().evaluate((handle) => {
      const { left, top, width } = (handle.parentElement ?? handle).getBoundingClientRect();
      return { left, top, width };
    });
    await ada.page.mouse.move(track.left + track.width - 2, track.top + 20);
    await ada.page.mouse.down();
    await ada.page.mouse.move(track.left + track.width / 3, track.top + 20, { steps: 6 });
    await ada.page.mouse.up();
    const third = await stepOf();
    expect(third).toBeGreaterThan(1);
    expect(third).toBeLessThan(last);
    const zoomOut = panel().getByRole('button', { name: 'Zoom out' });
    expect(await zoomOut.isDisabled()).toBe(true);
    await ada.page.mouse.wheel(0, -600);
    await expect.poll(() => zoomOut.isDisabled()).toBe(false);
    expect(await stepOf()).toBe(third);
    await panel().getByRole('button', { name: 'All', exact: true }).click();
    await expect.poll(() => zoomOut.isDisabled()).toBe(true);
    await panel().getByRole('combobox', { name: 'Speed' }).selectOption('100');
    await panel().getByRole('button', { name: 'Play' }).click();
    await expect.poll(stepOf).toBe(last);
    await panel().getByRole('button', { name: 'Play' }).waitFor();
  });

  it('a link opens the history at its moment', async () => {
    await openHistory();
    await panel().getByRole('button', { name: 'Next error' }).waitFor();
    await ada.page.keyboard.press('Home');
    await panel().getByRole('button', { name: 'Next error' }).click();
    await pastCell(2).getByText('ZeroDivisionError').first().waitFor();
    const seq = await stepOf();
    await panel().getByRole('button', { name: 'Copy a link' }).click();
    const link = await ada.page.evaluate(() => navigator.clipboard.readText());
    expect(link).toContain(`#at=${seq}`);
    await bert.page.goto('about:blank');
    await bert.page.goto(link);
    const his = bert.page.getByRole('region', { name: 'History' });
    await his.getByText('ZeroDivisionError').first().waitFor();
    expect(Number(await his.getByRole('slider', { name: 'Moment' }).getAttribute('aria-valuenow'))).toBe(seq);
    await bert.page.keyboard.press('Escape');
    await expect.poll(() => bert.page.url()).not.toContain('#at');
  });

  it('compares two moments: what came, what went, results before and after', async () => {
    await openHistory();
    await ada.page.keyboard.press('Home');
    await panel().getByRole('button', { name: 'Next run' }).click();
    await expect.poll(() => pastCell(1).innerText()).toContain('the total is 42');
    await panel().getByRole('button', { name: 'Compare' }).click();
    await ada.page.getByRole('menuitem', { name: 'With now' }).click();
    const comparison = panel().getByRole('region', { name: 'Comparison' });
    await comparison.getByRole('status').getByText('changed').waitFor();
    await expect.poll(() => comparison.locator('ins').allInnerTexts()).toContain('100 + ');
    await screenshot(ada, 'time-travel-compare');
    const other = panel().getByRole('slider', { name: 'Compared with' });
    const before = Number(await other.getAttribute('aria-valuenow'));
    await other.focus();
    await ada.page.keyboard.press('ArrowLeft');
    expect(Number(await other.getAttribute('aria-valuenow'))).toBe(before - 1);
    await comparison.getByRole('button', { name: 'Next change' }).click();
    await expect
      .poll(() => ada.page.evaluate(() => document.activeElement?.getAttribute('data-change')))
      .not.toBeNull();
    await panel().getByRole('button', { name: 'Compare' }).click();
    await ada.page.getByRole('menuitem', { name: 'Stop comparing' }).click();
    await pastCell(1).waitFor();
  });

  it('says who wrote what, also in a cell that was split', async () => {
    await openHistory();
    await panel().getByRole('button', { name: 'Who wrote this' }).click();
    await pastCell(1)
      .getByText(/Written by Ada .*Bert/)
      .waitFor();
    const his = pastCell(1).locator('[data-author="Bert"]');
    expect((await his.allInnerTexts()).join('')).toBe('100 + ');
    await his.first().focus();
    await panel().getByRole('tooltip').getByText('Bert').waitFor();
    expect(await pastCell(2).locator('[data-author="Ada"]').first().innerText()).toContain('print(');
    await screenshot(ada, 'time-travel-who');
    await panel().getByRole('button', { name: 'Who wrote this' }).click();
  });

  it('tells the story of one cell, with what it was split from', async () => {
    await openHistory();
    await pastCell(2).hover();
    await pastCell(2).getByRole('button', { name: 'Story of' }).click();
    const words = panel().getByRole('status').filter({ hasText: 'The story of one cell' });
    await words.waitFor();
    expect(await words.innerText()).toMatch(/by Ada and Bert · 2 runs · split once/);
    await screenshot(ada, 'time-travel-story');
    await panel().getByRole('button', { name: 'Show the whole notebook' }).click();
    await words.waitFor({ state: 'detached' });
  });

  it('brings back a deleted cell and one cell, and takes it back', async () => {
    await openHistory();
    await ada.page.keyboard.press('Home');
    await panel().getByRole('button', { name: 'Next error' }).click();
    await panel().getByRole('button', { name: 'Deleted cells (1)' }).click();
    await ada.page.getByRole('menuitem', { name: 'oops = 1 / 0' }).click();
    await expect.poll(() => cellCount(bert)).toBe(3);
    await ada.page.getByText('The cell is back in the notebook.').waitFor();
    await ada.page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.poll(() => cellCount(bert)).toBe(2);
    await pastCell(1).hover();
    await pastCell(1).getByRole('button', { name: 'Put back' }).click();
    await expect.poll(() => cellTextOf(bert, 1)).toBe('total = 6 * 7\nprint("the total is", total)');
    await ada.page.getByText('The cell is again as it was').waitFor();
    await ada.page.getByRole('button', { name: 'Undo', exact: true }).first().click();
    await expect.poll(() => cellTextOf(bert, 1)).toBe('total = 100 + 6 * 7');
  });

  it('puts one result back, not the code, and takes it back', async () => {
    await openHistory();
    await ada.page.keyboard.press('Home');
    await panel().getByRole('button', { name: 'Next run' }).click();
    await pastCell(1).getByText('the total is 42').waitFor();
    await pastCell(1).hover();
    await pastCell(1).getByRole('button', { name: 'Put the result of cell 1' }).click();
    await cell(bert, 1).getByText('the total is 42').waitFor();
    expect(await cellTextOf(bert, 1)).toBe('total = 100 + 6 * 7');
    await screenshot(ada, 'time-travel-result');
    await ada.page.getByRole('button', { name: 'Undo', exact: true }).first().click();
    await cell(bert, 1).getByText('the total is 142').waitFor();
    await pastCell(1).getByRole('button', { name: 'Output options' }).first().click();
    await ada.page.getByRole('menuitem', { name: 'Put this output back' }).click();
    await cell(bert, 1).getByText('the total is 42').waitFor();
    await main().focus();
    await ada.page.keyboard.press('End');
    await expect.poll(() => main().getAttribute('aria-valuetext')).toMatch(/Ada.*restored/);
  });

  it('restores everything', async () => {
    await openHistory();
    await ada.page.keyboard.press('Home');
    await panel().getByRole('button', { name: 'Next error' }).click();
    await pastCell(2).getByText('ZeroDivisionError').first().waitFor();
    await panel().getByRole('button', { name: 'Restore', exact: true }).click();
    await ada.page.getByRole('menuitem', { name: 'with the results of then' }).click();
    await panel().waitFor({ state: 'detached' });
    await expect.poll(() => cellTextOf(bert, 2)).toContain('oops = 1 / 0');
    await cell(bert, 2).getByText('ZeroDivisionError').first().waitFor();
    await cell(bert, 1).getByText('the total is 42').waitFor();
  });

  it('does the same for a text document, and shows pictures before and after', async () => {
    const answer = await fetch(`${server.origin}/api/projects/${project}/files`, {
      method: 'POST',
      headers: ownerHeaders(server),
      body: JSON.stringify({ folder: '', type: 'text', name: 'notes.md' }),
    });
    expect(answer.status).toBeLessThan(300);
    await ada.page.goto(`${server.origin}/p/${project}/edit/${fileMade.parse(await answer.json()).path}`);
    const text = ada.page.locator('.cm-content').first();
    await text.click();
    await ada.page.keyboard.type('The quick brown fox\n');
    await saved(ada);
    await openHistory();
    const then = await stepOf();
    await ada.page.keyboard.press('Escape');
    await text.click();
    await ada.page.keyboard.press('Control+Home');
    for (let i = 0; i < 4; i++) await ada.page.keyboard.press('ArrowRight');
    await ada.page.keyboard.type('very ');
    await saved(ada);
    await openHistory();
    await expect.poll(stepOf).toBe(then + 5);
    for (let i = 0; i < 5; i++) await ada.page.keyboard.press('ArrowLeft');
    await ada.page.keyboard.press('c');
    const comparison = panel().getByRole('region', { name: 'Comparison' });
    await comparison.getByText('1 line added, 1 line removed.').waitFor();
    expect(await comparison.locator('ins').allInnerTexts()).toEqual(['very ']);
    await ada.page.keyboard.press('c');
    await ada.page.keyboard.press('w');
    await panel()
      .getByText(/Written by Ada/)
      .waitFor();
    await ada.page.keyboard.press('w');
    await ada.page.keyboard.press('Escape');

    await openNotebook(ada, server, project, await newNotebook(server, project));
    const svg = (color: string) =>
      `from IPython.display import SVG; SVG('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><rect width="60" height="60" fill="${color}"/></svg>')`;
    for (const [color, count] of [
      ['red', 1],
      ['teal', 2],
    ] as const) {
      await editor(ada, 1).click();
      await ada.page.keyboard.press('Control+a');
      await ada.page.keyboard.insertText(svg(color));
      await ada.page.keyboard.press('Control+Enter');
      await cell(ada, 1).getByText(`[${count}]`).waitFor();
      await saved(ada);
    }
    await openHistory();
    await panel().getByRole('button', { name: 'Previous run' }).click();
    await expect.poll(() => pastCell(1).innerText()).toContain('[1]');
    await ada.page.keyboard.press('c');
    await comparison.getByText('Result before').waitFor();
    await expect.poll(() => comparison.locator('img, svg[width="60"]').count()).toBe(2);
    await screenshot(ada, 'time-travel-pictures');
    await ada.page.keyboard.press('Escape');
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['dark', 390],
    ['light', 390],
  ] as const)('has no serious finding of axe, %s and %i wide', async (colorScheme, width) => {
    const eve = await newPerson(browser, 'Eve', { colorScheme, width });
    await signIn(eve, server);
    await eve.page.goto(`${server.origin}/p/${project}/edit/${path}#at=40`);
    const his = eve.page.getByRole('region', { name: 'History' });
    await his.locator('section[data-type]').first().waitFor();
    for (const look of ['plain', 'who', 'compare']) {
      if (look === 'who') {
        await his.getByRole('button', { name: 'Who wrote this' }).click();
        await his
          .getByText(/Written by/)
          .first()
          .waitFor();
      } else if (look === 'compare') {
        await his.getByRole('button', { name: 'Compare' }).click();
        await eve.page.getByRole('menuitem', { name: 'With now' }).click();
        await his.getByRole('region', { name: 'Comparison' }).waitFor();
      }
      await screenshot(eve, `time-travel-${look}-${colorScheme}-${width}`);
      const findings = await axeFindings(eve);
      expect(findings, look).toEqual([]);
      expect(await overflowOf(eve), `${look} is wider than ${width}`).toBe(0);
    }
    expect(eve.faults).toEqual([]);
    await eve.context.close();
  });

  it('nothing was thrown, logged as an error or refused by the policy meanwhile', () => {
    expect([...ada.faults, ...bert.faults]).toEqual([]);
  });
});
