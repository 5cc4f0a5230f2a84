import { describe, expect, it } from 'vitest';
import { highlight } from './highlight.ts';
import { languageOfFile } from './language.ts';

describe('coloured code', () => {
  it('keeps every character and knows keywords', async () => {
    const code = 'def f(x):\n    return "a" # b\n\n';
    const pieces = (await highlight(code, 'python')) ?? [];
    expect(pieces.map((piece) => piece.text).join('')).toBe(code);
    expect(pieces.find((piece) => piece.text === 'def')?.look).toContain('tok-keyword');
  });

  it.each(['markdown', 'r', 'julia', 'octave', 'bash', 'json'])('is there for %s', async (language) => {
    const code = '# a\nx = 1\n';
    expect((await highlight(code, language))?.map((piece) => piece.text).join('')).toBe(code);
  });

  it('stays plain for a language that is not known', async () => {
    expect(await highlight('x', 'klingon')).toBeNull();
    expect(await highlight('x', null)).toBeNull();
  });

  it('goes by the name of a file', () => {
    expect(languageOfFile('a/b.PY')).toBe('python');
    expect(languageOfFile('Dockerfile')).toBe('dockerfile');
    expect(languageOfFile('notes.txt')).toBeNull();
  });
});
