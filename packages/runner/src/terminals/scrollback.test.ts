import { describe, expect, it } from 'vitest';
import { Scrollback } from './scrollback.ts';
import { unfinishedBytes } from './utf8-edge.ts';

const text = (scrollback: Scrollback) => Buffer.from(scrollback.read()).toString();

describe('scrollback', () => {
  it('is all that was shown, as it came', () => {
    const scrollback = new Scrollback(100);
    scrollback.add(Buffer.from('$ echo é\r\n'));
    scrollback.add(Buffer.from('é\r\n\x1b[31mred\x1b[0m'));
    expect(text(scrollback)).toBe('$ echo é\r\né\r\n\x1b[31mred\x1b[0m');
  });

  it('is bounded, and begins at a line’s beginning', () => {
    const scrollback = new Scrollback(1_000);
    for (let i = 0; i < 5_000; i++) {
      scrollback.add(Buffer.from(`line ${i}\n`));
      expect(scrollback.read().length).toBeLessThanOrEqual(1_000);
    }
    const lines = text(scrollback).trimEnd().split('\n');
    expect(lines.at(-1)).toBe('line 4999');
    expect(lines[0]).toBe(`line ${5_000 - lines.length}`);
    expect(lines.length).toBeGreaterThan(90);
  });

  it('begins with a whole character when there are no lines', () => {
    const scrollback = new Scrollback(1_000);
    for (let i = 0; i < 1_000; i++) scrollback.add(Buffer.from('€'));
    expect(text(scrollback)).toMatch(/^€+$/);
  });

  it('asks the screen nothing a second time', () => {
    const scrollback = new Scrollback();
    scrollback.add(
      Buffer.from('a\x1b[cb\x1b[>0cc\x1b[6nd\x1b[?2004$pe\x1b]11;?\x07f\x1b]10;?\x1b\\g\x1b[31mh\x1b[?25h'),
    );
    expect(text(scrollback)).toBe('abcdefg\x1b[31mh\x1b[?25h');
  });
});

describe('the edge of a character', () => {
  it.each([
    ['', 0],
    ['abc', 0],
    ['é', 0],
    ['€', 0],
    ['😀', 0],
  ])('%s is whole', (whole, rest) => expect(unfinishedBytes(Buffer.from(whole))).toBe(rest));

  it.each(['é', '€', '😀'])('parts of %s are not', (character) => {
    const bytes = Buffer.from(character);
    for (let cut = 1; cut < bytes.length; cut++)
      expect(unfinishedBytes(Buffer.concat([Buffer.from('a'), bytes.subarray(0, cut)]))).toBe(cut);
  });

  it('what is no UTF-8 waits for nothing', () => {
    for (const bytes of [[0xff], [0x80], [0x80, 0x80, 0x80, 0x80], [0xc3, 0x28], [0xf8], [0xfe, 0xff]])
      expect(unfinishedBytes(Uint8Array.from(bytes))).toBe(0);
  });
});
