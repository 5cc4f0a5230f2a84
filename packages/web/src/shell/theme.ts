/** Light, dark, or as the system has it; kept in this browser (public/theme.js reads it before the first paint). */
import { type Readable, Store } from '../rooms/store.ts';

export type Theme = 'system' | 'light' | 'dark';
const key = 'cahier-theme';

function kept(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

const chosen = new Store<Theme>(kept());
export const theme: Readable<Theme> = chosen;

export function chooseTheme(next: Theme): void {
  chosen.set(next);
  const { dataset } = document.documentElement;
  if (next === 'system') delete dataset['theme'];
  else dataset['theme'] = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}
