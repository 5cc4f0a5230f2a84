import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TerminalText, foldTerminalText, writeTerminalText } from './terminal-text.ts';

const start: TerminalText = { text: '', back: 0 };
const write = (...chunks: string[]) => chunks.reduce(writeTerminalText, start);

describe('stream text as a terminal shows it', () => {
  it('keeps text without control characters as it is', () => {
    expect(write('a\n', '\x1b[31mred\x1b[0m', '\x1b[0m!')).toEqual({
      text: 'a\n\x1b[31mred\x1b[0m\x1b[0m!',
      back: 0,
    });
  });

  it('lets a carriage return overwrite the line, and keeps what is not overwritten', () => {
    expect(write('100%\r', '99%').text).toBe('99%%');
    expect(write('one\ntwo\rT').text).toBe('one\nTwo');
  });

  it('takes \\r\\n as a new line, also across chunks', () => {
    expect(write('a\r\nb\r\r\nc').text).toBe('a\nb\nc');
    expect(write('\x1b[31ma\r', '\nb\x1b[0m\r\n').text).toBe('\x1b[31ma\nb\x1b[0m\n');
  });

  it('moves back on backspace', () => {
    expect(write('abc\b\bX').text).toBe('aXc');
    expect(write('abc\b', '\b\b\b\bX').text).toBe('Xbc');
    expect(write('a\n\bX').text).toBe('a\nX');
  });

  it('erases in the line', () => {
    expect(write('loading\r\x1b[Kok').text).toBe('ok');
    expect(write('loading\x1b[2K\rok').text).toBe('ok');
    expect(write('loading\r\x1b[', '2Kok').text).toBe('ok');
    expect(write('abcdef\b\b\b\x1b[1KX').text).toBe('   Xef');
    expect(write('ab\x1b[2KX').text).toBe('  X');
  });

  it('moves within the line', () => {
    expect(write('abc\x1b[2DX').text).toBe('aXc');
    expect(write('abc\x1b[1GX').text).toBe('Xbc');
    expect(write('a\x1b[3CX').text).toBe('a   X');
    expect(write('a\x1b[999999999CX').text.length).toBeLessThan(5_000);
  });

  it('keeps the colours of what stays when something is overwritten', () => {
    expect(write('\x1b[32mgreen\x1b[0m\r', 'G').text).toBe('G\x1b[32mreen\x1b[0m');
    expect(write('plain\r\x1b[31mP').text).toBe('\x1b[31mP\x1b[0mlain\x1b[31m');
    expect(write('\x1b[0;31m1%\x1b[0m\r\x1b[0;31m2%\x1b[0m').text).toBe('\x1b[0;31m2%\x1b[0m');
  });

  it('leaves the escape sequences of grep and gcc alone', () => {
    const grep = '\x1b[35m\x1b[Kfile\x1b[m\x1b[K:x';
    expect(write(grep).text).toBe('\x1b[35mfile\x1b[m:x');
  });

  it('counts characters, not UTF-16 units', () => {
    expect(write('𫭎𫭎\r', 'X').text).toBe('X𫭎');
    expect(write('😀😀\b', 'X').text).toBe('😀X');
  });

  it('never scans beyond the open line', () => {
    const long = 'line\n'.repeat(1_000);
    expect(write(long, '1%\r', '2%')).toEqual({ text: `${long}2%`, back: 0 });
  });

  it('folds a whole stream', () => {
    expect(foldTerminalText('1%\r2%\r3%\ndone\n')).toBe('3%\ndone\n');
  });

  /** Reference: a grid of characters without styles. */
  function oracle(text: string): string {
    const lines: string[][] = [[]];
    let column = 0;
    for (const char of text) {
      const line = lines.at(-1) ?? [];
      if (char === '\n') {
        lines.push([]);
        column = 0;
      } else if (char === '\r') column = 0;
      else if (char === '\b') column = Math.max(0, column - 1);
      else line[column++] = char;
    }
    return lines.map((line) => line.join('')).join('\n');
  }

  it('agrees with a plain grid (property)', () => {
    const chars = fc.constantFrom('a', 'b', 'é', '😀', '\n', '\r', '\b', '\b');
    fc.assert(
      fc.property(fc.array(chars, { maxLength: 60 }), (list) => {
        expect(write(list.join('')).text).toBe(oracle(list.join('')));
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on how the text was cut (property)', () => {
    const pieces = fc.constantFrom(
      ...['a', 'bc', '😀', '\n', '\r', '\b', '\r\n', '\x1b[31m', '\x1b[0m', '\x1b[m', '\x1b[0;1m', '\x1b[K'],
      ...[
        '\x1b[2K',
        '\x1b[1K',
        '\x1b[3C',
        '\x1b[2D',
        '\x1b[4G',
        '\x1b]8;;u\x1b\\',
        '\x1b[?25l',
        '\x1b',
        '[',
        '1m',
      ],
      ...['\x1b[1;', '\x1b]', '\x07', '\x1b(B', '\x1b[A', ']', ';', 'K'],
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 30 }),
        fc.array(fc.nat(80), { maxLength: 8 }),
        (list, cuts) => {
          const chars = [...list.join('')];
          const edges = [0, ...cuts.filter((cut) => cut < chars.length).sort((a, b) => a - b), chars.length];
          const chunks = edges.slice(1).map((edge, i) => chars.slice(edges[i], edge).join(''));
          expect(write(...chunks)).toEqual(write(chars.join('')));
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
