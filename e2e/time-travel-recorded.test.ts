/**
 * The recorded session: twenty minutes of three people and two kernels, as a server that ran there has it. Its history
 * is opened, dragged, played, compared and restored, by the owner.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecordedSession } from '@cahier/testkit/recorded/open-recorded-session.ts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, overflowOf } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { openNotebook } from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

describe('twenty minutes of three people', { timeout: 180_000 }, () => {
  let browser: Browser;
  let server: ServerProcess;
  let data: string;
  let address: string;
  let project: string;
  let path: string;
  let last: number;
  let ada: Person;

  const panel = () => ada.page.getByRole('region', { name: 'History' });
  const main = () => panel().getByRole('slider', { name: 'Moment' });
  const seq = async () => Number(await main().getAttribute('aria-valuenow'));
  /** The server notes the end of the kernel that was there: the history may be longer than the record. */
  const end = async () => Number(await main().getAttribute('aria-valuemax'));
  const said = () => main().getAttribute('aria-valuetext');
  const track = () =>
    main().evaluate((handle) => {
      const { left, top, width } = (handle.parentElement ?? handle).getBoundingClientRect();
      return { left, top, width };
    });

  beforeAll(async () => {
    browser = await launchBrowser();
    data = mkdtempSync(join(tmpdir(), 'cahier-recorded-'));
    const opened = await openRecordedSession(data);
    ({ project, path, entries: last } = opened);
    server = await ServerProcess.start({ data });
    address = `${server.origin}/p/${project}/edit/${path}`;
    ada = await newPerson(browser, 'Ada');
    await signIn(ada, server);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('is opened, with everybody, their marks and the name that was given', async () => {
    await openNotebook(ada, server, project, path);
    await ada.page.getByRole('button', { name: 'History', exact: true }).click();
    await main().waitFor();
    await expect.poll(seq).toBeGreaterThanOrEqual(last);
    const people = panel().getByRole('group', { name: 'People' });
    for (const name of ['Ada', 'Bert', 'Chioma'])
      await people.getByRole('button', { name, exact: true }).waitFor();
    const marks = panel().getByRole('list', { name: 'Marks on the timeline' });
    for (const mark of [
      'Error',
      'Run',
      'Paste',
      'Kernel restart',
      'Changed on disk',
      'Restored',
      'Named version',
    ])
      await marks.getByText(mark, { exact: true }).waitFor();
    await screenshot(ada, 'recorded-opened');
  });

  it('is dragged from end to end: every moment is there at once', async () => {
    const { left, top, width } = await track();
    await ada.page.mouse.move(left + width - 2, top + 30);
    await ada.page.mouse.down();
    let before = (await end()) + 1;
    for (let i = 1; i <= 20; i++) {
      await ada.page.mouse.move(left + width * (1 - i / 20), top + 30);
      const now = await seq();
      expect(now).toBeLessThanOrEqual(before);
      before = now;
    }
    await ada.page.mouse.up();
    expect(await seq()).toBeLessThan(20);
    await panel().getByText('A cup of tea').waitFor();
    await ada.page.mouse.move(left + width / 2, top + 30);
    await screenshot(ada, 'recorded-hover');
  });

  it('is played to the next minutes, and stops where one stops it', async () => {
    await main().focus();
    await ada.page.keyboard.press('Home');
    await panel().getByRole('combobox', { name: 'Speed' }).selectOption('50');
    await main().focus();
    await ada.page.keyboard.press('Space');
    await expect.poll(seq).toBeGreaterThan(200);
    await ada.page.keyboard.press('Space');
    const stopped = await seq();
    await panel().getByRole('button', { name: 'Play' }).waitFor();
    expect(await seq()).toBe(stopped);
    await screenshot(ada, 'recorded-played');
    await panel().getByRole('combobox', { name: 'Speed' }).selectOption('500');
    await main().focus();
    await ada.page.keyboard.press('Space');
    // Twenty minutes at 500×, pauses skipped: it comes to its end by itself.
    await expect.poll(async () => (await end()) - (await seq())).toBe(0);
  });

  it('is walked by runs, errors, pastes and people, each with its words', async () => {
    await main().focus();
    await ada.page.keyboard.press('Home');
    const walk = async (name: string, words: RegExp) => {
      const before = await seq();
      await panel().getByRole('button', { name, exact: true }).click();
      await expect.poll(seq).toBeGreaterThan(before);
      await expect.poll(said).toMatch(words);
      // The slider has not the focus: a screen reader hears it all the same.
      await expect
        .poll(() => panel().getByRole('status', { name: 'Moment shown' }).innerText())
        .toBe((await said()) ?? '');
    };
    await walk('Next run', /code was run|a run failed/);
    await walk('Next error', /a run failed/);
    await walk('Next paste', /pasted [\d,]+ character/);
    await walk('Next author', /Ada|Bert|Chioma/);
    await main().focus();
    const at = await seq();
    await ada.page.keyboard.press('Shift+ArrowRight');
    await expect.poll(seq).toBeGreaterThan(at);
  });

  it('brings what a step did into view, and leaves what is in view where it is', async () => {
    const scroller = panel().locator('[data-scroller]');
    const top = () => scroller.evaluate((element) => element.scrollTop);
    /** How much of the result of the cell that just failed lies outside of what is seen, in pixels. */
    const hidden = (what: string) =>
      scroller.evaluate((element, selector) => {
        const [seen, target] = [element, element.querySelector(selector)].map((each) =>
          each?.getBoundingClientRect(),
        );
        if (!seen || !target) return Number.POSITIVE_INFINITY;
        return Math.max(0, seen.top - target.top) + Math.max(0, target.top + 40 - seen.bottom);
      }, what);
    await main().focus();
    await ada.page.keyboard.press('End');
    await ada.page.keyboard.press('Shift+E');
    await expect.poll(said).toContain('a run failed');
    await expect.poll(() => hidden('[data-state="failed"] [data-part="result"]')).toBe(0);
    const stood = await top();
    expect(stood).toBeGreaterThan(0);
    await ada.page.keyboard.press('Shift+E');
    await expect.poll(() => hidden('[data-state="failed"] [data-part="result"]')).toBe(0);
    // What is written above is brought into view when it is played or walked to.
    await ada.page.keyboard.press('Home');
    await expect.poll(top).toBeLessThan(stood);
  });

  it('is compared: what twenty minutes changed, cell by cell, with pictures', async () => {
    await main().focus();
    await ada.page.keyboard.press('End');
    await panel().getByRole('button', { name: 'Compare', exact: true }).click();
    await ada.page.getByRole('menuitem', { name: 'With the beginning' }).click();
    const comparison = panel().getByRole('region', { name: 'Comparison' });
    await comparison.getByText(/cells? added/).waitFor();
    expect(
      await panel()
        .locator('[data-scroller]')
        .evaluate((element) => element.scrollTop),
    ).toBe(0);
    // Settings are told by name and value.
    await comparison
      .getByRole('region', { name: 'Settings of the notebook' })
      .getByText('kernelspec')
      .first()
      .waitFor();
    await main().focus();
    await ada.page.keyboard.press('F7');
    await ada.page.keyboard.press('F7');
    await screenshot(ada, 'recorded-compared');
    // A cell that is new is there with its result.
    await comparison
      .locator('[data-change="added"]')
      .filter({ has: ada.page.getByRole('heading', { name: 'Result' }) })
      .locator('img')
      .first()
      .waitFor();
    await main().focus();
    await ada.page.keyboard.press('c');
    await comparison.waitFor({ state: 'detached' });
  });

  it('says who wrote what and who made each result', async () => {
    await panel().getByRole('button', { name: 'Who wrote this' }).click();
    await panel()
      .getByText(/Written by .*(Ada|Bert|Chioma)/)
      .first()
      .waitFor();
    await panel()
      .getByText(/Result by (Ada|Bert|Chioma)/)
      .first()
      .waitFor();
    // The gutter names who wrote each line, once where the same goes on.
    const cells = panel().locator('[data-past-cell]');
    await expect
      .poll(() => cells.nth(1).locator('[data-gutter]').allInnerTexts())
      .toContainEqual(expect.stringMatching(/^Chioma/));
    // What is told of a piece stands at the piece, in every cell, also when it is scrolled.
    const piece = cells.nth(1).locator('[data-author="Chioma"]').first();
    const tip = panel().getByRole('tooltip');
    const apart = async () => {
      const [of, at] = [await piece.boundingBox(), await tip.boundingBox()];
      if (!of || !at) return Number.POSITIVE_INFINITY;
      return Math.max(Math.abs(of.y - at.y - at.height), Math.abs(of.x - at.x));
    };
    await piece.focus();
    await tip.getByText('Chioma').waitFor();
    await expect.poll(apart).toBeLessThan(12);
    await screenshot(ada, 'recorded-who');
    await panel()
      .locator('[data-scroller]')
      .evaluate((element) => element.scrollBy(0, 40));
    await expect.poll(apart).toBeLessThan(12);
    await panel().getByRole('button', { name: 'Who wrote this' }).click();
  });

  it('tells the story of one cell with the people who worked on it, and only them', async () => {
    await main().focus();
    await ada.page.keyboard.press('Home');
    const title = panel().locator('[data-past-cell]').first();
    await title.getByText('A cup of tea').waitFor();
    await title.hover();
    await title.getByRole('button', { name: /^Story of/ }).click();
    const words = panel().getByRole('status').filter({ hasText: 'The story of one cell' });
    expect(await words.innerText()).toMatch(/ by Ada$/);
    const people = panel().getByRole('group', { name: 'People' }).getByRole('button');
    expect(await people.allInnerTexts()).toEqual([
      expect.stringContaining('Ada'),
      expect.stringContaining('File'),
    ]);
    await panel().getByRole('button', { name: 'Show the whole notebook' }).click();
    await words.waitFor({ state: 'detached' });
  });

  it('is restored: the middle comes back with its results, and goes again', async () => {
    const names = panel().getByRole('button', { name: 'Versions: named, and in Git' });
    await names.click();
    const dialog = ada.page.getByRole('dialog', { name: 'Versions' });
    await dialog
      .getByRole('button', { name: /^Show / })
      .first()
      .click();
    await expect.poll(said).toMatch(/“.+”/);
    await screenshot(ada, 'recorded-named');
    const { left, top, width } = await track();
    await ada.page.mouse.click(left + width * 0.55, top + 30);
    await expect.poll(seq).toBeLessThan(last * 0.9);
    await panel().locator('section[data-type]').first().waitFor();
    const then = await panel().locator('section[data-type]').count();
    await panel().getByRole('button', { name: 'Restore', exact: true }).click();
    await ada.page.getByRole('menuitem', { name: 'with the results of then' }).click();
    await panel().waitFor({ state: 'detached' });
    await expect.poll(() => ada.page.locator('[data-cell]').count()).toBe(then);
    await ada.page.getByRole('button', { name: 'Undo', exact: true }).click();
    await ada.page.getByText('Undone.').waitFor();
    await ada.page.getByRole('button', { name: 'History', exact: true }).click();
    await main().focus();
    await ada.page.keyboard.press('End');
    await expect.poll(said).toContain('restored');
  });

  it('opens where the notebook stands, and gives the focus back', async () => {
    const opened = ada.page.getByRole('button', { name: 'History', exact: true });
    await ada.page.keyboard.press('Escape');
    await panel().waitFor({ state: 'detached' });
    await expect.poll(() => opened.evaluate((button) => button === document.activeElement)).toBe(true);
    const id = await ada.page.locator('[data-cell]').nth(6).getAttribute('data-cell');
    await ada.page
      .locator('[data-cell]')
      .nth(6)
      .evaluate((element) => element.scrollIntoView());
    const placeOf = async (selector: string) =>
      (await ada.page.locator(selector).evaluate((element) => element.getBoundingClientRect().top)) ?? 0;
    await ada.page.keyboard.press('Enter');
    await main().waitFor();
    await expect
      .poll(async () =>
        Math.abs((await placeOf(`[data-past-cell="${id}"]`)) - (await placeOf(`[data-cell="${id}"]`))),
      )
      .toBeLessThan(60);
  });

  it('looks right, light and dark, wide and narrow', async () => {
    for (const [colorScheme, width] of [
      ['dark', 1280],
      ['light', 390],
      ['dark', 390],
    ] as const) {
      const eve = await newPerson(browser, 'Ada', { colorScheme, width });
      await signIn(eve, server);
      await eve.page.goto(`${address}#at=${Math.floor(last / 2)}`);
      const his = eve.page.getByRole('region', { name: 'History' });
      await his.locator('section[data-type]').first().waitFor();
      await screenshot(eve, `recorded-${colorScheme}-${width}`);
      expect(await axeFindings(eve), `${colorScheme} ${width}`).toEqual([]);
      expect(await overflowOf(eve)).toBe(0);
      expect(eve.faults).toEqual([]);
      await eve.context.close();
    }
    expect(ada.faults).toEqual([]);
  });
});
