/** The terminal's colours and letters, from the page's own values, in light and in dark. */
import type { ITheme } from '@xterm/xterm';

const light = {
  black: '#1c2029',
  red: '#b0261f',
  green: '#1a7045',
  yellow: '#7d5300',
  blue: '#2b45b5',
  magenta: '#8a3a8f',
  cyan: '#0f6d7d',
  white: '#5a5f6c',
  brightBlack: '#6d7280',
  brightRed: '#c4382f',
  brightGreen: '#21844f',
  brightYellow: '#8f6200',
  brightBlue: '#3c5ad6',
  brightMagenta: '#a14aa6',
  brightCyan: '#157f91',
  brightWhite: '#1c2029',
};
const dark = {
  black: '#3a4050',
  red: '#ff9b92',
  green: '#67cf98',
  yellow: '#e9b95a',
  blue: '#9bb0ff',
  magenta: '#e0a0e6',
  cyan: '#79d3e0',
  white: '#d5d8e0',
  brightBlack: '#8f96a6',
  brightRed: '#ffb5ae',
  brightGreen: '#8ee0b3',
  brightYellow: '#f3cf85',
  brightBlue: '#b9c7ff',
  brightMagenta: '#ecbdf0',
  brightCyan: '#9fe3ed',
  brightWhite: '#ffffff',
};

/** `place`: an element of the page; a value as `light-dark(…)` is known only where it is used. */
export function terminalTheme(place: HTMLElement): ITheme {
  const probe = document.createElement('span');
  place.append(probe);
  const value = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const background = value('--surface');
  const theme = {
    background,
    foreground: value('--text'),
    cursor: value('--accent'),
    cursorAccent: background,
    selectionBackground: value('--accent-soft'),
    selectionInactiveBackground: value('--hover'),
  };
  probe.remove();
  return { ...(isDark(background) ? dark : light), ...theme };
}

export function codeFont(place: HTMLElement): string {
  return getComputedStyle(place).getPropertyValue('--font-code').trim() || 'monospace';
}

function isDark(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128;
}
