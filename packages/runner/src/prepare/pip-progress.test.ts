import { describe, expect, it } from 'vitest';
import { sentenceOf } from './pip-progress.ts';

describe('what pip and apt say, for people', () => {
  it.each([
    ['Collecting numpy>=1.2 (from pandas)', 'Downloading numpy'],
    ['Installing collected packages: a, b', 'Installing what was downloaded'],
    ['Setting up python3-numpy (1:1.24.2-1) ...', 'Installing python3-numpy'],
    ['  Using cached x.whl', null],
  ])('%s → %s', (line, sentence) => expect(sentenceOf(line)).toBe(sentence));
});
