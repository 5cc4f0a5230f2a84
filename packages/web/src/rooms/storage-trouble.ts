import { Store } from './store.ts';

/** Why this browser keeps nothing, when it does not; shown as a banner. One for the whole page. */
export const storageTrouble = new Store<string | null>(null);
