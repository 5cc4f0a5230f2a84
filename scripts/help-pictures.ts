/**
 * `npm run pictures`: makes the pictures of docs/history.md anew, from the recorded session (testkit/recorded) in a real
 * browser, so that the help shows what the page looks like. Look at them before you commit them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, newPerson, signIn } from '../e2e/support/browser.ts';
import { ServerProcess } from '../e2e/support/server-process.ts';
import { openRecordedSession } from '../packages/testkit/src/recorded/open-recorded-session.ts';
import { ensurePage } from './start.ts';

const folder = join(import.meta.dirname, '../docs/pictures');
const data = mkdtempSync(join(tmpdir(), 'cahier-pictures-'));
await ensurePage();
const { project, path, entries } = await openRecordedSession(data);
const server = await ServerProcess.start({ data });
const browser = await launchBrowser();
try {
  const person = await newPerson(browser, 'Ada', { width: 1180, height: 760 });
  await signIn(person, server);
  const { page } = person;
  // No picture is taken half way of a movement.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const panel = page.getByRole('region', { name: 'History' });
  const slider = panel.getByRole('slider', { name: 'Moment' });
  const picture = async (name: string) => {
    await page.mouse.move(2, 2);
    // Pictures and fonts of what is shown are here.
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(folder, `${name}.png`) });
  };
  await page.goto(`${server.origin}/p/${project}/edit/${path}#at=${Math.floor(entries * 0.55)}`);
  await panel.locator('section[data-type]').first().waitFor();
  await slider.focus();
  // To a moment at which something was run.
  await page.keyboard.press('Alt+ArrowRight');
  await page.keyboard.press('Alt+ArrowRight');
  await picture('history');

  await page.keyboard.press('c');
  await panel.getByRole('region', { name: 'Comparison' }).getByRole('status').waitFor();
  await picture('history-compare');
  await page.keyboard.press('c');

  await page.keyboard.press('w');
  await panel
    .getByText(/Written by/)
    .first()
    .waitFor();
  await picture('history-who');
  await page.keyboard.press('w');

  await panel.getByRole('button', { name: 'Versions: named, and in Git' }).click();
  await page
    .getByRole('dialog', { name: 'Versions' })
    .getByRole('button', { name: /^Show / })
    .first()
    .waitFor();
  await picture('history-versions');

  await page.goto(`${server.origin}/p/${project}/history`);
  await page.getByRole('radio').first().waitFor();
  await picture('history-keeping');
} finally {
  await browser.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
