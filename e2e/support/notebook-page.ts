/** What a person does on the page of a notebook, in words. */
import type { Locator } from 'playwright-core';
import type { Person } from './browser.ts';
import type { ServerProcess } from './server-process.ts';

export async function openNotebook(
  person: Person,
  server: ServerProcess,
  project: string,
  path: string,
): Promise<void> {
  await person.page.goto(`${server.origin}/p/${project}/edit/${path}`);
  await person.page.locator('.cm-content').first().waitFor();
}

/** The invitation's link, as the owner copies it from the share dialog. */
export async function inviteLink(owner: Person, role: 'editor' | 'viewer'): Promise<string> {
  const { page } = owner;
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.locator('dialog[open]');
  await dialog.locator('select').first().selectOption(role);
  await dialog.getByRole('button', { name: 'Make link' }).click();
  const link = dialog.locator('input[readonly]').first();
  await link.waitFor();
  const value = await link.inputValue();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  return value;
}

export async function joinBy(person: Person, link: string): Promise<void> {
  await person.page.goto(link);
  await person.page.getByRole('textbox').fill(person.name);
  await person.page.keyboard.press('Enter');
  await person.page.waitForURL(/\/p\//);
}

export function cell(person: Person, number: number): Locator {
  return person.page.locator('[data-cell]').nth(number - 1);
}

export function editor(person: Person, number: number): Locator {
  return cell(person, number).locator('.cm-content');
}

/** The text of a cell as it is in the document: without others' cursors. */
export async function cellTextOf(person: Person, number: number): Promise<string> {
  return await cell(person, number).evaluate((element) => {
    const shown = element.querySelector('.cm-content')?.cloneNode(true);
    if (!(shown instanceof HTMLElement)) return element.querySelector('pre')?.textContent ?? '';
    for (const cursor of shown.querySelectorAll('.cm-peer, .cm-widgetBuffer')) cursor.remove();
    return [...shown.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\n');
  });
}

/** Clicks into the cell, at its end, and types. */
export async function typeIn(person: Person, number: number, text: string): Promise<void> {
  await editor(person, number).click();
  await person.page.keyboard.press('Control+End');
  await person.page.keyboard.type(text);
}

export async function cellCount(person: Person): Promise<number> {
  return await person.page.locator('[data-cell]').count();
}

/** The word on the badge: Saved, Saving…, Offline, … */
export function badge(person: Person): Locator {
  return person.page.getByText(/^(Saved|Saving…|Offline.*)$/).first();
}
