/** A real Chromium with people in it: each person has a context (cookies, storage) of their own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/steps/chromium.ts';
import { artefacts, type ServerProcess } from './server-process.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error('Chromium is missing: run npm test, which installs it, or set CAHIER_CHROMIUM');
  return await chromium.launch({ executablePath, args: flags });
}

export interface Person {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the page: scripts that threw, policies that were broken. Empty in a good story. */
  readonly faults: string[];
}

export interface PersonOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Without the service worker every byte is counted where it is asked for. */
  readonly serviceWorkers?: 'allow' | 'block';
}

export async function newPerson(
  browser: Browser,
  name: string,
  options: PersonOptions = {},
): Promise<Person> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 860 },
    colorScheme: options.colorScheme ?? 'light',
    serviceWorkers: options.serviceWorkers ?? 'allow',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`${name}: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      !/ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|WebSocket|net::|status of 401/.test(message.text())
    )
      faults.push(`${name}: ${message.text()}`);
  });
  return { name, context, page, faults };
}

/** Signs the owner in by the link that the server prints. */
export async function signIn(person: Person, server: ServerProcess): Promise<void> {
  await person.page.goto(`${server.origin}/?token=${server.token}`);
  await person.page.evaluate(async (name) => {
    await fetch('/api/account', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
  }, person.name);
}

export async function screenshot(person: Person, name: string): Promise<void> {
  const folder = join(artefacts, 'screenshots');
  mkdirSync(folder, { recursive: true });
  await person.page.screenshot({ path: join(folder, `${name}.png`) });
}
