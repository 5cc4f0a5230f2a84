/**
 * The history of a semester in a real browser: opening it, dragging inside a segment that is loaded, and what needs every
 * step of it (who wrote this, the story of a cell).
 */
import { launchBrowser, newPerson, signIn } from '../e2e/support/browser.ts';
import { ServerProcess } from '../e2e/support/server-process.ts';
import { type Figure, ms, percentile } from './figure.ts';

interface Measured {
  readonly opening: readonly number[];
  readonly seeks: readonly number[];
  readonly frame: number;
  /** With nothing of the history's steps here before. */
  readonly who: number;
  readonly story: number;
}

/** `data`: a folder that a server may use, with the semester in it (testkit/open-semester.ts). */
export async function historyPage(
  data: string,
  { project, path, entries }: { readonly project: string; readonly path: string; readonly entries: number },
): Promise<Figure[]> {
  const server = await ServerProcess.start({ data });
  const browser = await launchBrowser();
  try {
    const person = await newPerson(browser, 'Person 0', { serviceWorkers: 'block' });
    await signIn(person, server);
    const { page } = person;
    const opening: number[] = [];
    await page.goto(`${server.origin}/p/${project}/edit/${path}`);
    await page.locator('.cm-content').first().waitFor({ timeout: 120_000 });
    for (let i = 0; i < 5; i += 1) {
      await page.getByRole('button', { name: 'History', exact: true }).hover();
      opening.push(await page.evaluate(openAndTell));
      await page.keyboard.press('Escape');
    }
    await page.goto(`${server.origin}/p/${project}/edit/${path}#at=${Math.floor(entries / 2)}`);
    await page.getByRole('slider', { name: 'Moment' }).waitFor();
    await page.locator('section[data-type]').first().waitFor();
    const { seeks, frame } = await page.evaluate(dragAndTell);
    const waits: number[] = [];
    for (const [press, text] of [
      ['Who wrote this', 'Written by'],
      ['Story of', 'The story of one cell.'],
    ] as const) {
      await page.goto(`${server.origin}/p/${project}/edit/${path}`);
      await page.locator('.cm-content').first().waitFor();
      await page.getByRole('button', { name: 'History', exact: true }).click();
      await page.locator('section[data-type] button[aria-label^="Story of"]').first().waitFor();
      waits.push(await page.evaluate(pressAndTell, { press, text }));
    }
    const [who = 0, story = 0] = waits;
    return figures({ opening, seeks, frame, who, story }, entries);
  } finally {
    await browser.close();
    await server.stop();
  }
}

function figures({ opening, seeks, frame, who, story }: Measured, entries: number): Figure[] {
  const seek = percentile(seeks, 95);
  const shown = percentile(opening, 50);
  return [
    {
      name: `browser: history of ${entries.toLocaleString('en')} steps opened, p50`,
      ours: ms(shown),
      baseline: '300 ms',
      value: shown,
      limit: 300,
      unit: 'ms',
    },
    {
      name: 'browser seek p95 while dragging, inside a loaded segment',
      ours: ms(seek),
      baseline: `one frame, ${ms(frame)}; p50 ${ms(percentile(seeks, 50))}`,
      value: seek / frame,
      limit: 1,
      unit: '×',
    },
    wait('browser: who wrote the present state', who),
    wait('browser: the story of one cell', story),
  ];
}

function wait(name: string, value: number): Figure {
  return { name, ours: ms(value), baseline: '2 s', value: value / 1000, limit: 2, unit: 's' };
}

/** In the page: from the press of a button of the history until it shows a text. */
async function pressAndTell({ press, text }: { press: string; text: string }): Promise<number> {
  const panel = document.querySelector('section[aria-label="History"]');
  const button = [...(panel?.querySelectorAll<HTMLElement>('button') ?? [])].find((each) =>
    (each.getAttribute('aria-label') ?? each.textContent).startsWith(press),
  );
  if (!button) throw new Error(`there is no button ${press}`);
  const begin = performance.now();
  button.click();
  while (!panel?.textContent.includes(text)) await new Promise((resolve) => setTimeout(resolve, 5));
  return performance.now() - begin;
}

/** In the page: from the press to the moment on the screen. */
async function openAndTell(): Promise<number> {
  const button = document.querySelector<HTMLElement>('button[aria-label="History"]');
  const begin = performance.now();
  button?.click();
  const isShown = () => document.querySelector('[aria-label="History"] section[data-type]') !== null;
  while (!isShown()) await new Promise((resolve) => requestAnimationFrame(resolve));
  // After the frame that shows it.
  await new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.addEventListener('message', resolve, { once: true });
    channel.port1.start();
    requestAnimationFrame(() => channel.port2.postMessage(null));
  });
  return performance.now() - begin;
}

/** In the page: what one move of the handle costs the main thread (script, style, layout), and what a frame is here. */
async function dragAndTell(): Promise<{ seeks: number[]; frame: number }> {
  const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
  const frames: number[] = [];
  let last = await nextFrame();
  for (let i = 0; i < 30; i += 1) {
    const now = await nextFrame();
    frames.push(now - last);
    last = now;
  }
  const handle = document.querySelector<HTMLElement>('[role="slider"][data-handle="main"]');
  const track = handle?.parentElement;
  if (!handle || !track) throw new Error('there is no timeline');
  const zoom = [...document.querySelectorAll<HTMLElement>('button')].find(
    (button) => button.getAttribute('aria-label') === 'Zoom in',
  );
  // Close enough that the whole strip lies in the segment around the handle.
  for (let i = 0; i < 9; i += 1) {
    zoom?.click();
    await nextFrame();
  }
  const box = track.getBoundingClientRect();
  const point = (type: string, x: number) =>
    track.dispatchEvent(
      new PointerEvent(type, {
        bubbles: true,
        button: type === 'pointermove' ? -1 : 0,
        buttons: 1,
        clientX: x,
        clientY: box.top + 30,
        pointerId: 1,
        pointerType: 'mouse',
        isPrimary: true,
      }),
    );
  // A made-up pointer cannot be captured; nothing here needs it.
  track.setPointerCapture = () => undefined;
  const centre = handle.getBoundingClientRect().left;
  point('pointerdown', centre);
  const seeks: number[] = [];
  const reach = Math.min(centre - box.left, box.right - centre, 300);
  for (let i = 0; i < 260; i += 1) {
    const before = handle.getAttribute('aria-valuenow');
    await nextFrame();
    const begin = performance.now();
    point('pointermove', centre + Math.sin(i * 0.37) * reach);
    let isMoved = false;
    for (let turn = 0; turn < 50 && !isMoved; turn += 1) {
      isMoved = handle.getAttribute('aria-valuenow') !== before;
      if (isMoved) break;
      await new Promise((resolve) => {
        const channel = new MessageChannel();
        channel.port1.addEventListener('message', resolve, { once: true });
        channel.port1.start();
        channel.port2.postMessage(null);
      });
    }
    if (!isMoved) continue;
    document.body.getBoundingClientRect();
    // The first ones fetch what lies around.
    if (i >= 40) seeks.push(performance.now() - begin);
  }
  point('pointerup', centre);
  frames.sort((a, b) => a - b);
  return { seeks, frame: frames[Math.floor(frames.length / 2)] ?? 16.7 };
}
