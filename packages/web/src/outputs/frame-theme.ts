/** The page's look as plain values, for the frame that cannot see our style sheets. */
import type { FrameDown } from './frame-protocol.ts';

const names = [
  '--font-text',
  '--font-code',
  '--text',
  '--text-muted',
  '--surface',
  '--border',
  '--accent',
  '--link',
];

export function frameTheme(): Extract<FrameDown, { t: 'theme' }> {
  const style = getComputedStyle(document.documentElement);
  const variables = Object.fromEntries(names.map((name) => [name, resolved(name, style)]));
  return { t: 'theme', scheme: isDark() ? 'dark' : 'light', variables };
}

/** Custom properties may hold `light-dark()`; a probe gives the colour that is in force. */
function resolved(name: string, style: CSSStyleDeclaration): string {
  const raw = style.getPropertyValue(name).trim();
  if (raw === '' || name.startsWith('--font')) return raw;
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

export function isDark(): boolean {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  if (scheme === 'dark') return true;
  return scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Returns the end of the subscription. */
export function onThemeChange(listener: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', listener);
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['class', 'style', 'data-theme'],
  });
  return () => {
    media.removeEventListener('change', listener);
    observer.disconnect();
  };
}
