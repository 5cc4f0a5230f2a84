/**
 * Key bindings as short texts: `$mod+Shift+P`, `d d` (two strokes), `Shift+Enter`, `?`. `$mod` is Cmd on a Mac, Ctrl
 * elsewhere. Pure: parsing, matching, and the words shown to people.
 */
export interface Stroke {
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  /** Lower case `KeyboardEvent.key`, or a `KeyboardEvent.code` such as `KeyP`, lower case. */
  readonly key: string;
}

export interface KeyEvent {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

export function parseKeys(keys: string, isMac: boolean): Stroke[] {
  return keys
    .trim()
    .split(/\s+/)
    .map((part) => {
      const names = part === '+' ? ['+'] : part.split('+').map((name) => name || '+');
      const key = (names.pop() ?? '').toLowerCase();
      const has = (name: string) => names.some((given) => given.toLowerCase() === name);
      const mod = has('$mod');
      return {
        ctrl: has('ctrl') || has('control') || (mod && !isMac),
        meta: has('meta') || has('cmd') || (mod && isMac),
        alt: has('alt'),
        shift: has('shift'),
        key: key === 'space' ? ' ' : key === 'plus' ? '+' : key,
      };
    });
}

export function matches(stroke: Stroke, event: KeyEvent): boolean {
  const key = event.key.toLowerCase();
  const isKey =
    key === stroke.key || event.code.toLowerCase() === stroke.key || letterOf(event) === stroke.key;
  if (
    !isKey ||
    event.ctrlKey !== stroke.ctrl ||
    event.metaKey !== stroke.meta ||
    event.altKey !== stroke.alt
  ) {
    return false;
  }
  // `?` and other signs are made with Shift already: only named keys, letters and digits ask for it.
  const isSign = stroke.key.length === 1 && !/[a-z0-9 ]/.test(stroke.key);
  return event.shiftKey === stroke.shift || (isSign && !stroke.shift);
}

/** Alt and foreign layouts change `key`; with a modifier the letter on the key counts. */
function letterOf(event: KeyEvent): string | null {
  if (!event.altKey && !event.ctrlKey && !event.metaKey) return null;
  return /^Key[A-Z]$/.test(event.code) && !/^[a-z]$/i.test(event.key)
    ? event.code.slice(3).toLowerCase()
    : null;
}

const macSigns: Record<string, string> = { ctrl: '⌃', alt: '⌥', shift: '⇧', meta: '⌘' };
const signs: Record<string, string> = {
  ' ': 'Space',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  enter: 'Enter',
  escape: 'Esc',
  backspace: 'Backspace',
  delete: 'Delete',
  tab: 'Tab',
  home: 'Home',
  end: 'End',
  pageup: 'Page up',
  pagedown: 'Page down',
};

/** Each stroke as the caps to draw: [['Ctrl', 'Shift', 'P']]. */
export function keyCaps(keys: string, isMac: boolean): string[][] {
  return parseKeys(keys, isMac).map((stroke) => {
    const caps: string[] = [];
    if (stroke.ctrl) caps.push(isMac ? (macSigns['ctrl'] ?? '') : 'Ctrl');
    if (stroke.alt) caps.push(isMac ? (macSigns['alt'] ?? '') : 'Alt');
    if (stroke.shift) caps.push(isMac ? (macSigns['shift'] ?? '') : 'Shift');
    if (stroke.meta) caps.push(isMac ? (macSigns['meta'] ?? '') : 'Meta');
    caps.push(signs[stroke.key] ?? (stroke.key.length === 1 ? stroke.key.toUpperCase() : stroke.key));
    return caps;
  });
}
