/** How high a cell will be, before it has been laid out: so that the scroll bar is right from the start. Pure. */
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { isJsonObject } from '@cahier/base/json.ts';
import { countLines } from '../outputs/text-window.ts';

const line = 23;
const frame = 44;
const maxTextLines = 75;

/** CSS pixels. */
export function estimatedHeight(type: CellType, source: string, outputs: readonly LiveOutput[]): number {
  const lines = Math.max(1, countLines(source));
  const text = type === 'markdown' ? lines * line * 1.15 : lines * line;
  return Math.round(frame + text + outputsHeight(outputs));
}

export function outputsHeight(outputs: readonly LiveOutput[]): number {
  return outputs.reduce((sum, output) => sum + outputHeight(output), 0);
}

function outputHeight(output: LiveOutput): number {
  switch (output.type) {
    case 'stream':
      return output.pages ? maxTextLines * line : Math.min(maxTextLines, countLines(output.text)) * line;
    case 'error':
      return 180;
    case 'unknown':
      return line;
    case 'display_data':
    case 'execute_result': {
      const types = [...Object.keys(output.data), ...Object.keys(output.blobs ?? {})];
      const image = types.find((type) => /^image\/(?:png|jpeg|gif|webp)$/.test(type));
      if (image) {
        const own = output.metadata[image];
        const height = isJsonObject(own) ? own['height'] : undefined;
        return typeof height === 'number' ? height : 420;
      }
      if (types.includes('text/html')) return 220;
      const text = output.data['text/plain'];
      return typeof text === 'string' ? Math.min(maxTextLines, countLines(text)) * line : line;
    }
  }
}
