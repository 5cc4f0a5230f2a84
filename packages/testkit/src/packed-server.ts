/** Steps as a server sends them to what reads many (protocol/http/packed-steps.ts), from a list of steps; for tests. */
import { packSteps } from '@cahier/core/history/codec.ts';
import type { Step } from '@cahier/core/history/step.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import type { PackedSteps } from '@cahier/protocol/http/packed-steps.ts';

export const packedAuthors: readonly AuthorOnWire[] = [
  { person: null, name: 'Ada', color: '#000000' },
  { person: null, name: 'Bert', color: '#ffffff' },
];

/** `steps` is read anew at each question: it may grow. Each chunk names the authors backwards. */
export function packedServer(steps: readonly Step[], perChunk: number) {
  return async (from: number, to: number): Promise<PackedSteps> => {
    const chunks = [];
    const first = Math.floor((from - 1) / perChunk) * perChunk;
    for (let at = first; at < Math.min(to, steps.length); at += perChunk) {
      const own = steps.slice(at, at + perChunk).map((step) => ({ ...step, author: 1 - step.author }));
      chunks.push({ from: at + 1, to: at + own.length, authors: [1, 0], steps: packSteps(own) });
    }
    return { authors: packedAuthors, chunks };
  };
}
