/** Which command the keys pressed so far mean. Pure; commands.ts listens and runs. */
import { type KeyEvent, matches, parseKeys, type Stroke } from './keys.ts';

export interface Bound {
  readonly keys?: readonly string[];
  readonly when?: () => boolean;
  readonly worksInText?: boolean;
  readonly isBoundElsewhere?: boolean;
}

/** `pressed`: the last keys, newest last. `isText`: the focus is where text is typed. The last one registered wins. */
export function pressedCommand<C extends Bound>(
  commands: readonly C[],
  pressed: readonly KeyEvent[],
  isText: boolean,
  isMac: boolean,
): C | undefined {
  return commands.findLast(
    (command) =>
      command.isBoundElsewhere !== true &&
      (command.keys ?? []).some((keys) => isPressed(parseKeys(keys, isMac), pressed, isText, command)) &&
      command.when?.() !== false,
  );
}

function isPressed(
  strokes: readonly Stroke[],
  pressed: readonly KeyEvent[],
  isText: boolean,
  { worksInText = false }: Bound,
): boolean {
  const [start] = strokes;
  if (!start || pressed.length < strokes.length) return false;
  // Single letters belong to the text that is being typed.
  if (isText && !worksInText && !start.ctrl && !start.meta && !start.alt) return false;
  const tail = pressed.slice(-strokes.length);
  return strokes.every((stroke, i) => {
    const event = tail[i];
    return event !== undefined && matches(stroke, event);
  });
}
