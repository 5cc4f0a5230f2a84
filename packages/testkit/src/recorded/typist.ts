/**
 * How a person types: uneven gaps, pauses after words and lines, slips that are noticed a letter or two later and taken
 * back. The caret stays where it belongs while others write in the same text.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { cellText } from '@cahier/core/notebooks/source-doc.ts';
import * as Y from 'yjs';
import type { SeededRandom } from '../seeded-random.ts';
import type { LabTab, TabDocument } from './lab-tab.ts';

export interface TypistParts {
  readonly tab: LabTab;
  readonly random: SeededRandom;
  readonly sleep: (ms: number) => Promise<void>;
  /** Median time between two keys, ms. */
  readonly keyMs: number;
  /** Slips per key. */
  readonly slips: number;
}

/** Where the caret goes: an index, the end, or right before or after the first place of some words. */
export type Caret = number | 'end' | { readonly before: string } | { readonly after: string };

const neighbours = 'asdfghjklqwertyuiopzxcvbnm';

export class Typist {
  readonly #parts: TypistParts;

  constructor(parts: TypistParts) {
    this.#parts = parts;
  }

  /** Types into a cell (or the text document) key by key. */
  async type(document: TabDocument, cell: CellId | null, what: string, where: Caret = 'end'): Promise<void> {
    const { random, slips } = this.#parts;
    const text = textIn(document, cell);
    let caret = placed(text, where);
    const key = async (letter: string) => {
      const at = indexOf(document, caret);
      document.doc.transact(() => text.insert(at, letter), 'typing');
      caret = relative(text, at + letter.length);
      await this.#pause(letter);
    };
    const back = async () => {
      const at = indexOf(document, caret);
      if (at === 0) return;
      document.doc.transact(() => text.delete(at - 1, 1), 'typing');
      caret = relative(text, at - 1);
      await this.#pause('');
    };
    const letters = [...what];
    for (let i = 0; i < letters.length; ) {
      const letter = letters[i] ?? '';
      if (/[a-z]/.test(letter) && random.chance(slips)) {
        // The wrong key, up to two right ones after it, then all of them back.
        const more = random.below(3);
        await key(neighbours.charAt(random.below(neighbours.length)));
        const seen = letters.slice(i + 1, i + 1 + more).filter((next) => next !== '\n');
        for (const next of seen) await key(next);
        await this.#parts.sleep(random.between(150, 600));
        for (let n = 0; n <= seen.length; n += 1) await back();
      }
      await key(letter);
      i += 1;
      if (cell && random.chance(0.1)) this.#parts.tab.caret(document, cell, indexOf(document, caret));
    }
  }

  /** Takes back `length` letters before the place, one by one. */
  async erase(document: TabDocument, cell: CellId | null, length: number, where: Caret): Promise<void> {
    const text = textIn(document, cell);
    let caret = placed(text, where);
    for (let n = 0; n < length; n += 1) {
      const at = indexOf(document, caret);
      if (at === 0) return;
      document.doc.transact(() => text.delete(at - 1, 1), 'typing');
      caret = relative(text, at - 1);
      await this.#parts.sleep(this.#parts.random.between(60, 140));
    }
  }

  async #pause(letter: string): Promise<void> {
    const { random, keyMs, sleep } = this.#parts;
    const stretch = letter === '\n' ? 3.5 : letter === ' ' || letter === '.' || letter === ',' ? 1.4 : 1;
    const thought = random.chance(0.012) ? random.between(700, 2_600) : 0;
    await sleep(Math.round(keyMs * stretch * (0.55 + random.next() * 0.9)) + thought);
  }
}

export function textIn(document: TabDocument, cell: CellId | null): Y.Text {
  const text = cell === null ? document.doc.getText('text') : cellText(document.doc, cell);
  if (!text) throw new Error(`no cell ${cell}`);
  return text;
}

function placed(text: Y.Text, where: Caret): Y.RelativePosition {
  return relative(text, placeIn(text.toJSON(), where));
}

export function placeIn(text: string, where: Caret): number {
  if (where === 'end') return text.length;
  if (typeof where === 'number') return Math.min(where, text.length);
  const words = 'before' in where ? where.before : where.after;
  const at = text.indexOf(words);
  if (at === -1) throw new Error(`“${words}” is not in “${text}”`);
  return 'before' in where ? at : at + words.length;
}

/** What others insert at the same place comes after the caret. */
function relative(text: Y.Text, index: number): Y.RelativePosition {
  return Y.createRelativePositionFromTypeIndex(text, index, -1);
}

function indexOf({ doc }: TabDocument, caret: Y.RelativePosition): number {
  return Y.createAbsolutePositionFromRelativePosition(caret, doc)?.index ?? 0;
}
