/**
 * Finds the command for a key press in one of Jupyter's modes, sequences such as `d d` included. It remembers the keys
 * pressed before and nothing else; time comes with the events.
 */
import { type KeyEvent, matches, parseKeys, type Stroke } from '../shell/keys.ts';

export interface Keyed {
  readonly keys?: readonly string[];
  readonly mode: 'command' | 'edit' | 'both';
}

interface Binding<C> {
  readonly strokes: readonly Stroke[];
  readonly command: C;
}

/** How long the second stroke of `d d` may take, in milliseconds. */
const patience = 1_000;

export class KeySequences<C extends Keyed> {
  readonly #bindings: readonly Binding<C>[];
  #pressed: { event: KeyEvent; at: number }[] = [];

  constructor(commands: readonly C[], isMac: boolean) {
    this.#bindings = commands.flatMap((command) =>
      (command.keys ?? []).map((keys) => ({ strokes: parseKeys(keys, isMac), command })),
    );
  }

  /** The command, 'waiting' in the middle of a sequence, or null. `at` in ms. */
  press(event: KeyEvent, at: number, mode: 'command' | 'edit'): C | 'waiting' | null {
    if (/^(?:Shift|Control|Alt|Meta|AltGraph|CapsLock|Dead|Process)$/.test(event.key)) return null;
    const recent = this.#pressed.filter((before) => at - before.at <= patience);
    this.#pressed = [...recent, { event, at }].slice(-3);
    const bindings = this.#bindings.filter(
      ({ command, strokes }) =>
        command.mode === mode || (command.mode === 'both' && !(mode === 'edit' && isTyped(strokes))),
    );
    const hit = bindings
      .filter(({ strokes }) => this.#endsWith(strokes))
      .toSorted((a, b) => b.strokes.length - a.strokes.length)[0];
    if (hit) {
      this.#pressed = [];
      return hit.command;
    }
    const isBegun = bindings.some(
      ({ strokes }) => strokes.length > 1 && this.#endsWith(strokes.slice(0, -1)),
    );
    return isBegun ? 'waiting' : null;
  }

  #endsWith(strokes: readonly Stroke[]): boolean {
    const tail = this.#pressed.slice(-strokes.length);
    return (
      tail.length === strokes.length &&
      strokes.every((stroke, i) => {
        const pressed = tail[i];
        return pressed !== undefined && matches(stroke, pressed.event);
      })
    );
  }
}

/** Keys that type a character belong to the text in edit mode, whatever they mean in command mode. */
function isTyped([first]: readonly Stroke[]): boolean {
  return first !== undefined && first.key.length === 1 && !first.ctrl && !first.meta && !first.alt;
}
