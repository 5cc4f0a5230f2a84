/** What axe finds on the page as it is now. */
import AxeBuilder from 'axe-core';
import type { Person } from './browser.ts';

declare global {
  interface Window {
    axe: typeof AxeBuilder;
  }
}

/** Serious and critical findings, in words. No policy of the page is loosened for it. */
export async function axeFindings(person: Person): Promise<string[]> {
  await person.page.evaluate(AxeBuilder.source);
  return await person.page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

/** How far the page is wider than the window, pixels; 0 when it fits. */
export async function overflowOf(person: Person): Promise<number> {
  return await person.page.evaluate(() =>
    Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
  );
}
