/**
 * The registry of commands: whatever can be done has an id, a title, maybe keys, and is found in the palette and the
 * keyboard help. Pages register theirs while they are shown. It knows no noun.
 */
import type { Disposable } from '@cahier/base/disposable.ts';
import { Store, type Readable } from '../rooms/store.ts';
import { pressedCommand } from './pressed-command.ts';

export interface Command {
  /** `noun.verb`, e.g. `cell.run`. */
  readonly id: string;
  readonly title: string;
  /** Group in the palette and the help, e.g. `Cells`. */
  readonly group?: string;
  /** Alternatives, e.g. `['$mod+k', '$mod+Shift+p']`; strokes after one another with a space: `d d`. */
  readonly keys?: readonly string[];
  /** Can it be done now? Asked when keys are pressed and when the palette opens. */
  readonly when?: () => boolean;
  /** Keys also work while text is typed (in editors and fields). Default: only when a modifier is held. */
  readonly worksInText?: boolean;
  /** The keys are bound elsewhere (an editor's keymap): shown, but not listened for. */
  readonly isBoundElsewhere?: boolean;
  run(): void;
}

const registered = new Store<readonly Command[]>([]);
export const commands: Readable<readonly Command[]> = registered;

export const isMac = typeof navigator !== 'undefined' && /mac|iphone|ipad/i.test(navigator.platform);

/** Later registrations win over earlier ones with the same keys. */
export function registerCommands(added: readonly Command[]): Disposable {
  registered.set([...registered.get(), ...added]);
  return {
    dispose: () => registered.set(registered.get().filter((command) => !added.includes(command))),
  };
}

function isTextTarget(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

/** How long the second stroke of `d d` may take, in milliseconds. */
const strokeMs = 800;

/** Listens for the keys of all commands. Called once, by main. */
export function listenForKeys(target: Window): void {
  let pressed: KeyboardEvent[] = [];
  let last = 0;
  target.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (/^(shift|control|alt|meta)$/i.test(event.key)) return;
    const now = event.timeStamp;
    pressed = now - last < strokeMs ? [...pressed, event].slice(-3) : [event];
    last = now;
    const command = pressedCommand(registered.get(), pressed, isTextTarget(event.target), isMac);
    if (!command) return;
    event.preventDefault();
    pressed = [];
    command.run();
  });
}
