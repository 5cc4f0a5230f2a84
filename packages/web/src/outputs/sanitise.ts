/**
 * The one door for HTML that others wrote: what comes out holds no script, no style sheet, no form, no frame, no id
 * that could shadow ours and no address that runs code. Loaded on demand (DOMPurify is 9 kB).
 */
import DOMPurify from 'dompurify';
import { idPrefix } from './heading-id.ts';
import { sanitiseConfig } from './sanitise-config.ts';
import { safeStyle } from './safe-style.ts';

let isReady = false;

function prepare(): void {
  isReady = true;
  DOMPurify.addHook('uponSanitizeAttribute', (_, data) => {
    if (data.attrName !== 'style') return;
    data.attrValue = safeStyle(data.attrValue);
    if (data.attrValue === '') data.keepAttr = false;
  });
  DOMPurify.addHook('afterSanitizeAttributes', (node) => {
    if (node.tagName === 'A') sanitiseLink(node);
    if (node.tagName === 'IMG') sanitiseImage(node);
  });
}

function sanitiseLink(node: Element): void {
  const href = node.getAttribute('href');
  if (href === null) return;
  if (href.startsWith('#')) node.setAttribute('href', `#${idPrefix}${href.slice(1)}`);
  else {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
}

/** Pictures of other servers would tell them who reads; a link says where they are. */
function sanitiseImage(node: Element): void {
  const source = node.getAttribute('src') ?? '';
  node.removeAttribute('srcset');
  node.setAttribute('loading', 'lazy');
  if (!/^(?:https?:)?\/\//i.test(source)) return;
  const link = document.createElement('a');
  link.href = source;
  link.target = '_blank';
  link.rel = 'noopener noreferrer nofollow';
  const host = URL.canParse(source, location.href) ? new URL(source, location.href).host : 'another site';
  link.textContent = `${node.getAttribute('alt') || 'Picture'} (${host}) ↗`;
  node.replaceWith(link);
}

/** Safe nodes, owned by no document yet. */
export function sanitise(html: string): DocumentFragment {
  if (!isReady) prepare();
  return DOMPurify.sanitize(html, { ...sanitiseConfig, RETURN_DOM_FRAGMENT: true });
}
