/**
 * Keeps of a `style` attribute what cannot leave its box, cover other things or fetch anything: an allow-list of
 * properties with plain values. Layout tricks (position, z-index, transforms, negative margins, url()) are dropped.
 */

const allowed =
  /^(?:color|background-color|background|opacity|text-align|text-decoration(?:-[a-z]+)?|text-transform|text-indent|font|font-(?:family|size|style|weight|variant)|line-height|letter-spacing|white-space|word-break|overflow-wrap|vertical-align|display|list-style(?:-type)?|border(?:-[a-z]+)*|border-collapse|padding(?:-[a-z]+)?|margin(?:-[a-z]+)?|(?:min-|max-)?(?:width|height)|flex(?:-[a-z]+)?|gap|justify-content|align-items|overflow|overflow-[xy]|table-layout|caption-side)$/;

const forbiddenValue = /url\s*\(|expression|image-set|@import|javascript:|\\|</i;
const display =
  /^(?:none|block|inline|inline-block|flex|inline-flex|grid|table|table-row|table-cell|list-item)$/;

/** The safe part of a style attribute's value; an empty string when nothing is left. */
export function safeStyle(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?(?:\*\/|$)/g, '')
    .split(';')
    .map((declaration) => {
      const colon = declaration.indexOf(':');
      const name = declaration.slice(0, colon).trim().toLowerCase();
      const value = declaration.slice(colon + 1).trim();
      if (colon < 1 || value === '' || !allowed.test(name) || forbiddenValue.test(value)) return '';
      if (name === 'display' && !display.test(value.replace(/\s*!important$/i, ''))) return '';
      if (name.startsWith('margin') && value.includes('-')) return '';
      return `${name}: ${value}`;
    })
    .filter((declaration) => declaration !== '')
    .join('; ');
}
