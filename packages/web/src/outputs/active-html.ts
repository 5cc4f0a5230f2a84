/**
 * Does a piece of HTML want more than the page gives? If it holds scripts, frames, forms, event handlers or style
 * sheets it goes, whole, to the opaque frame. This decides only where it looks right: the page sanitises whatever it
 * is given, so a wrong answer is never a danger.
 */

const activeTag =
  /<(?:script|iframe|frame|frameset|object|embed|applet|form|input|button|select|textarea|canvas|video|audio|link|base|meta|dialog|template|[a-z][a-z0-9]*-[a-z0-9-]+)\b/i;
const eventHandler = /<[^>]*[\s"'/]on[a-z]{3,}\s*=/i;
const styleTag = /<style\b([^>]*)>/gi;

/** True when the HTML would lose something in the page. */
export function isActiveHtml(html: string): boolean {
  if (activeTag.test(html) || eventHandler.test(html)) return true;
  // A pandas table brings a `<style scoped>` that our own table style replaces; any other sheet means its own looks.
  return [...html.matchAll(styleTag)].some(([, attributes = '']) => !/\bscoped\b/i.test(attributes));
}
