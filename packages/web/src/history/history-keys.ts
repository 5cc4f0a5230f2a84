/** Which key does what in the history. Pure; the panel carries it out. */
export type HistoryAction =
  | { readonly go: 'step' | 'burst' | 'run' | 'error' | 'paste' | 'author' | 'day'; readonly by: 1 | -1 }
  | { readonly go: 'first' | 'last' }
  | { readonly zoom: 'closer' | 'further' | 'all' }
  | { readonly toggle: 'play' | 'compare' | 'blame' }
  | { readonly change: 1 | -1 };

export interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** Null: the key is not the history's. */
export function actionOf({ key, shiftKey, altKey, ctrlKey, metaKey }: Pressed): HistoryAction | null {
  if (ctrlKey || metaKey) return null;
  const back = shiftKey ? -1 : 1;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowRight':
      return { go: altKey ? 'run' : shiftKey ? 'burst' : 'step', by: key === 'ArrowLeft' ? -1 : 1 };
    case 'PageUp':
    case 'PageDown':
      return { go: 'day', by: key === 'PageUp' ? -1 : 1 };
    case 'Home':
      return { go: 'first' };
    case 'End':
      return { go: 'last' };
    case '[':
    case ']':
      return { go: 'author', by: key === '[' ? -1 : 1 };
    case '+':
    case '=':
      return { zoom: 'closer' };
    case '-':
      return { zoom: 'further' };
    case '0':
      return { zoom: 'all' };
    case ' ':
      return { toggle: 'play' };
    case 'F7':
      return { change: back };
    default:
  }
  switch (altKey ? '' : key.toLowerCase()) {
    case 'e':
      return { go: 'error', by: back };
    case 'v':
      return { go: 'paste', by: back };
    case 'c':
      return { toggle: 'compare' };
    case 'w':
      return { toggle: 'blame' };
    default:
      return null;
  }
}

/** Keys as the help of the panel lists them. */
export const historyKeys: readonly (readonly [keys: string, does: string])[] = [
  ['← →', 'One step'],
  ['Shift ← →', 'One burst'],
  ['Alt ← →', 'Run'],
  ['[ ]', 'Author'],
  ['PgUp PgDn', 'Day'],
  ['E, Shift E', 'Error'],
  ['V, Shift V', 'Paste'],
  ['Home End', 'First, last'],
  ['Space', 'Play'],
  ['+ − 0', 'Zoom'],
  ['C', 'Compare'],
  ['W', 'Who wrote this'],
  ['F7', 'Next change'],
];
