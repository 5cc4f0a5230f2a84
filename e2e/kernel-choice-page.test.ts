/** The kernel of a notebook, as the page shows it: one that is not here, one that stands in, one that hears no interrupt. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, overflowOf } from './support/axe.ts';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { firstProject } from './support/http.ts';
import { cell, openNotebook } from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

let folder: string;
let server: ServerProcess;
let browser: Browser;
let project: string;
let ada: Person;

function notebook(name: string, kernelspec: object, source: string): void {
  const one = { cell_type: 'code', id: 'a', metadata: {}, source, outputs: [], execution_count: null };
  const text = JSON.stringify({ cells: [one], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 });
  writeFileSync(join(folder, name), text);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-kernel-page-'));
  notebook('cobol.ipynb', { name: 'cobol-85', display_name: 'COBOL 85', language: 'cobol' }, 'print(6 * 7)');
  notebook(
    'course.ipynb',
    { name: 'course-2024', display_name: 'Course', language: 'python' },
    'print(6 * 7)',
  );
  const deaf = 'import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(1000)';
  notebook('deaf.ipynb', { name: 'python3', display_name: 'Python 3', language: 'python' }, deaf);
  server = await ServerProcess.start({ folder });
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

const runFirst = async () => {
  await cell(ada, 1).locator('.cm-content').click();
  await ada.page.keyboard.press('Control+Enter');
};
const pill = () => ada.page.locator('[aria-haspopup="menu"]').filter({ hasText: 'Kernel' }).first();

describe('a notebook', () => {
  it('whose kernel is not here, nor one of its language, says so and asks, and runs with what is chosen', async () => {
    const { page } = ada;
    await openNotebook(ada, server, project, 'cobol.ipynb');
    await runFirst();
    await cell(ada, 1)
      .getByText('This notebook is written in cobol, and its kernel “cobol-85” is not installed here.')
      .waitFor();
    const question = cell(ada, 1).getByRole('button', { name: 'Choose a kernel' });
    await question.waitFor();
    await screenshot(ada, 'kernel-missing-1280');
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await overflowOf(ada)).toBe(0);
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(ada, 'kernel-missing-390-dark');
    expect(await axeFindings(ada)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 860 });
    await question.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitemradio', { name: 'Python 3', exact: true }).waitFor();
    await screenshot(ada, 'kernel-question-1280');
    await page.getByRole('menuitemradio', { name: 'Python 3', exact: true }).click();
    await cell(ada, 1).getByText('42', { exact: true }).waitFor();
    expect(await question.count()).toBe(0);
    expect(ada.faults).toEqual([]);
  });

  it('whose kernel is not here runs with another of its language, and says which', async () => {
    const { page } = ada;
    await openNotebook(ada, server, project, 'course.ipynb');
    await runFirst();
    await cell(ada, 1).getByText('42', { exact: true }).waitFor();
    expect(await pill().getAttribute('data-tip')).toBe(
      'This notebook asks for “Course”, which is not installed here. It runs with “Python 3”.',
    );
    await pill().hover();
    await screenshot(ada, 'kernel-stands-in');
    expect(page.url()).toContain('course.ipynb');
  });

  it('whose cell does not hear an interrupt is offered a restart, which ends it', async () => {
    const { page } = ada;
    await openNotebook(ada, server, project, 'deaf.ipynb');
    await runFirst();
    await cell(ada, 1)
      .getByText(/^Running/)
      .waitFor();
    await pill().getByText('Busy').waitFor();
    await expect
      .poll(async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('i');
        await page.keyboard.press('i');
        return page.getByText('its kernel does not react to the interrupt').count();
      })
      .toBe(1);
    await screenshot(ada, 'interrupt-ignored');
    await page.getByRole('button', { name: 'Restart…' }).click();
    await page.locator('dialog[open]').getByRole('button', { name: 'Restart' }).click();
    await cell(ada, 1)
      .getByText(/^Running/)
      .waitFor({ state: 'detached' });
    await page.getByText('its kernel does not react to the interrupt').waitFor({ state: 'detached' });
    await pill().getByText('Idle').waitFor();
  });
});
