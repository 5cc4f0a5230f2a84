/** Turns what pip and apt print into sentences, and says that it still goes on when they are silent for 2 s. */
import type { Tell } from './progress.ts';

export interface InstallProgress {
  readonly onLine: (line: string) => void;
  readonly stop: () => void;
}

const silenceMs = 2_000;

export function pipProgress(names: readonly string[], tell: Tell): InstallProgress {
  let current = `Installing ${names.join(', ')}`;
  const startedAt = Date.now();
  const say = (message: string) => {
    current = message;
    tell({ phase: 'working', message: `${message}…` });
    timer.refresh();
  };
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    tell({ phase: 'working', message: `${current} (${seconds} s)…` });
  }, silenceMs);
  say(current);
  return {
    onLine: (line) => {
      const message = sentenceOf(line);
      if (message !== null && message !== current) say(message);
    },
    stop: () => clearInterval(timer),
  };
}

/** Null for lines that tell a person nothing. */
export function sentenceOf(line: string): string | null {
  const text = line.trim();
  const collecting = /^Collecting ([\w.-]+)/.exec(text);
  if (collecting) return `Downloading ${collecting[1]}`;
  if (text.startsWith('Installing collected packages')) return 'Installing what was downloaded';
  const unpacking = /^(?:Unpacking|Setting up) ([\w.+-]+)/.exec(text);
  if (unpacking) return `Installing ${unpacking[1]}`;
  return null;
}
