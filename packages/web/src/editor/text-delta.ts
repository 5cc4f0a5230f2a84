/** From a Yjs text event to CodeMirror changes. Pure. Positions of both are UTF-16 units. */

/** As `Y.YTextEvent.delta` has it, for texts without embeds. */
export interface DeltaPart {
  readonly insert?: unknown;
  readonly delete?: number | undefined;
  readonly retain?: number | undefined;
}

export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** Changes that refer, all of them, to the text before. */
export function changesOf(delta: readonly DeltaPart[]): TextChange[] {
  const changes: TextChange[] = [];
  let at = 0;
  for (const part of delta) {
    if (part.retain !== undefined) at += part.retain;
    else if (part.delete !== undefined) {
      changes.push({ from: at, to: at + part.delete, insert: '' });
      at += part.delete;
    } else if (typeof part.insert === 'string') changes.push({ from: at, to: at, insert: part.insert });
  }
  return changes;
}
