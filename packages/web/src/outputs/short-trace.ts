/** The part of a traceback that a reader needs first: its last frames. Pure. */
import { stripAnsi } from './ansi.ts';

export interface ShortTrace {
  readonly text: string;
  /** Frames left out. */
  readonly hidden: number;
}

const lastFrames = 2;
const maxLines = 40;

/**
 * IPython sends a rule, a head line, one entry per frame and the last line; other kernels one entry per line or one
 * for all. Only what looks like IPython's frames is shortened, and whatever is longer than a screen.
 */
export function shortTrace(traceback: readonly string[]): ShortTrace {
  const plain = traceback.map((entry) => stripAnsi(entry).trim());
  const first = plain.findIndex((entry) => isFrame(entry));
  const last = plain.findLastIndex((entry) => isFrame(entry));
  const frames = first < 0 ? 0 : last - first + 1;
  if (frames > 0) {
    // The rule and the head line before the frames say nothing that the title does not.
    const kept = traceback.slice(Math.max(first, last - lastFrames + 1));
    return { text: kept.join('\n'), hidden: Math.max(0, frames - lastFrames) };
  }
  const lines = traceback.join('\n').split('\n');
  if (lines.length <= maxLines) return { text: traceback.join('\n'), hidden: 0 };
  return { text: lines.slice(-maxLines).join('\n'), hidden: 1 };
}

/** `Cell In[3], line 1`, `File ~/x.py:12, in f(x)`, `Input In [3], in <cell line: 1>()`, `<ipython-input-3-…> in …`. */
function isFrame(entry: string): boolean {
  return /^(?:Cell In ?\[\d+\]|Input In ?\[\d+\]|File .+:\d+|<ipython-input|[~/].+ in )/.test(entry);
}
