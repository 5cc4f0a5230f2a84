/** What a person does in JupyterLab, in words, and what JupyterLab's own document says. */
import type { Locator, Page, WebSocketRoute } from 'playwright-core';
import { z } from 'zod';
import type { Person } from './browser.ts';
import type { ServerProcess } from './server-process.ts';

/** What of JupyterLab's application is used here. */
interface LabApp {
  readonly commands: { execute(command: string, given: object): Promise<unknown> };
  readonly shell: { readonly currentWidget: object | null };
}

declare global {
  interface Window {
    jupyterapp?: LabApp;
  }
}

export interface Lab {
  readonly page: Page;
  /** Errors of the page and what was answered with 400 or more, as `GET 404 api/x`. */
  readonly faults: string[];
  readonly line: Line;
}

/** Every socket of a page, in one hand. */
export class Line {
  readonly #open = new Set<WebSocketRoute>();
  readonly #waiting = new Set<() => void>();
  #is: 'whole' | 'cut' | 'stalled' = 'whole';
  #onDial: () => void = () => undefined;

  async hold(page: Page): Promise<void> {
    await page.routeWebSocket(/\/p\//, async (socket) => {
      if (this.#is === 'cut') return void socket.close({ code: 1001 });
      if (this.#is === 'stalled') {
        if (/\/collaboration\/room\/json/.test(socket.url())) this.#onDial();
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
      this.#open.add(socket);
      socket.connectToServer();
    });
  }

  /** Sockets are being opened, until `mend`. */
  stall(): void {
    this.#is = 'stalled';
  }

  /** Resolves when a notebook's socket is being opened. */
  dialled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDial = resolve;
    });
  }

  /** All sockets end, and none opens, until `mend`. */
  async cut(): Promise<void> {
    this.#is = 'cut';
    const open = [...this.#open];
    this.#open.clear();
    for (const socket of open) await socket.close({ code: 1001 });
  }

  mend(): void {
    this.#is = 'whole';
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }
}

/**
 * What the libraries say anywhere, and no more: Yjs' remarks about documents that are being made, a terminal's about a
 * machine without a graphics card or with other work, and those of a notebook that is closed before its kernel has said
 * what was run in it before and whether it can be debugged.
 */
const harmless =
  /Invalid access: Add Yjs type|\[yjs#509\]|New or old path not given|GL Driver Message \(OpenGL, Performance|task queue exceeded allotted deadline|History was unable to be retrieved|Canceled future for debug_request message/;

export interface LabOptions {
  /** The page's clock is in our hand (`lab.page.clock`). */
  readonly clock?: boolean;
}

export async function openLab(
  person: Person,
  server: ServerProcess,
  project: string,
  path: string,
  options: LabOptions = {},
): Promise<Lab> {
  const page = await person.context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => {
    if (!harmless.test(error.message)) faults.push(error.stack ?? error.message);
  });
  page.on('console', (message) => {
    // what a request was answered is noted below, what a cut socket says is the story's own doing
    const isKnown =
      /Failed to load resource|WebSocket|net::/.test(message.text()) || harmless.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isKnown) faults.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() < 400) return;
    const at = new URL(response.url()).pathname.replace(`/p/${project}/`, '');
    faults.push(`${response.request().method()} ${response.status()} ${at}`);
  });
  const line = new Line();
  await line.hold(page);
  if (options.clock) await page.clock.install();
  // the page as it is served, with its application where a program can reach it
  await page.addInitScript(() => {
    new MutationObserver(() => {
      const config = document.getElementById('jupyter-config-data');
      const text = config?.textContent ?? '';
      if (config && text.includes('"exposeAppInBrowser":"false"'))
        config.textContent = text.replace('"exposeAppInBrowser":"false"', '"exposeAppInBrowser":"true"');
    }).observe(document, { childList: true, subtree: true });
  });
  // ten megabytes of scripts: how long a busy machine takes for them is nobody's promise, the test's own limit is the end
  page.setDefaultTimeout(0);
  await page.goto(`${server.origin}/p/${project}/lab${path === '' ? '' : `/tree/${path}`}`);
  await page.locator('html[data-lab-ready]').waitFor({ state: 'attached' });
  if (path.endsWith('.ipynb')) await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
  page.setDefaultTimeout(60_000);
  return { page, faults, line };
}

/** In place of what was open. */
export async function openInLab(lab: Lab, path: string): Promise<void> {
  await labCommand(lab, 'application:close-all');
  await labCommand(lab, 'docmanager:open', { path });
  await lab.page.locator('.jp-Notebook .jp-Cell').first().waitFor();
}

export function labCell(lab: Lab, number: number): Locator {
  return lab.page.locator('.jp-Notebook .jp-Cell').nth(number - 1);
}

/** Clicks into the cell, at its end, and types. */
export async function typeInLab(lab: Lab, number: number, text: string): Promise<void> {
  await labCell(lab, number).locator('.cm-content').click();
  await lab.page.keyboard.press('Control+End');
  await lab.page.keyboard.type(text);
}

/** The cell has the focus, not its text. */
export async function selectInLab(lab: Lab, number: number): Promise<void> {
  await labCell(lab, number).locator('.jp-InputPrompt').click();
}

export async function runInLab(lab: Lab, number: number): Promise<void> {
  await labCell(lab, number).locator('.cm-content').click();
  await lab.page.keyboard.press('Control+Enter');
}

/** What the cell shows below itself. */
export async function labOutput(lab: Lab, number: number): Promise<string> {
  const shown = await labCell(lab, number).locator('.jp-OutputArea-output').allInnerTexts();
  return shown.map((text) => text.trimEnd()).join('\n');
}

export async function labPrompt(lab: Lab, number: number): Promise<string> {
  return (await labCell(lab, number).locator('.jp-InputPrompt').innerText()).trim();
}

const output = z.looseObject({ output_type: z.string() });
const labNotebook = z.looseObject({
  cells: z.array(
    z.looseObject({
      id: z.string(),
      cell_type: z.string(),
      source: z.string(),
      execution_count: z.number().nullable().optional(),
      outputs: z.array(output).optional(),
    }),
  ),
});
export type LabNotebook = z.output<typeof labNotebook>;

/** The shared document as this browser has it. */
export async function labDocument(lab: Lab): Promise<LabNotebook> {
  const text = await lab.page.evaluate(() => {
    const { currentWidget } = window.jupyterapp?.shell ?? {};
    const content: object = currentWidget && 'content' in currentWidget ? Object(currentWidget.content) : {};
    const model: object = 'model' in content ? Object(content.model) : {};
    const shared: object = 'sharedModel' in model ? Object(model.sharedModel) : {};
    return JSON.stringify(shared);
  });
  return labNotebook.parse(JSON.parse(text));
}

/** How the shown notebook's kernel is connected, in JupyterLab's words: `connected`, `connecting`, `disconnected`. */
export async function labConnection(lab: Lab): Promise<string> {
  return await lab.page.evaluate(() => {
    const { currentWidget } = window.jupyterapp?.shell ?? {};
    const kernel = ['sessionContext', 'session', 'kernel'].reduce<object>(
      (of, name) => Object(Reflect.get(of, name)),
      Object(currentWidget),
    );
    return String(Reflect.get(kernel, 'connectionStatus'));
  });
}

export async function labSources(lab: Lab): Promise<string[]> {
  return (await labDocument(lab)).cells.map((cell) => cell.source);
}

export async function labCommand(lab: Lab, command: string, args: object = {}): Promise<void> {
  await lab.page.evaluate(
    async ([name, given]) => {
      await window.jupyterapp?.commands.execute(name, { ...given });
    },
    [command, args] as const,
  );
}
