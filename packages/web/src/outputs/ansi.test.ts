import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialAnsi, parseAnsi, stripAnsi } from './ansi.ts';

const E = '\u001b';
const pieces = (text: string) =>
  parseAnsi(text).segments.map(({ text: t, style, href }) => ({ t, ...style, ...(href ? { href } : {}) }));

describe('terminal text', () => {
  it.each([
    ['plain', 'a\nb', [{ t: 'a\nb' }]],
    ['bold', `${E}[1mx${E}[0my`, [{ t: 'x', isBold: true }, { t: 'y' }]],
    ['dim', `${E}[2mx${E}[22my`, [{ t: 'x', isDim: true }, { t: 'y' }]],
    ['italic', `${E}[3mx${E}[23my`, [{ t: 'x', isItalic: true }, { t: 'y' }]],
    ['underline', `${E}[4mx${E}[24my`, [{ t: 'x', isUnderlined: true }, { t: 'y' }]],
    ['curly underline', `${E}[4:3mx${E}[4:0my`, [{ t: 'x', isUnderlined: true }, { t: 'y' }]],
    ['inverse', `${E}[7mx${E}[27my`, [{ t: 'x', isInverse: true }, { t: 'y' }]],
    ['strike', `${E}[9mx${E}[29my`, [{ t: 'x', isStruck: true }, { t: 'y' }]],
    ['basic colours', `${E}[31;42mx`, [{ t: 'x', color: 1, background: 2 }]],
    [
      'bright colours',
      `${E}[91;104mx${E}[39my`,
      [
        { t: 'x', color: 9, background: 12 },
        { t: 'y', background: 12 },
      ],
    ],
    [
      '256 colours',
      `${E}[38;5;208mx${E}[48;5;244my`,
      [
        { t: 'x', color: 'rgb(255 135 0)' },
        { t: 'y', color: 'rgb(255 135 0)', background: 'rgb(128 128 128)' },
      ],
    ],
    ['256 colours of the theme', `${E}[38;5;9;1mx`, [{ t: 'x', color: 9, isBold: true }]],
    ['true colour', `${E}[38;2;1;2;3;4mx`, [{ t: 'x', color: 'rgb(1 2 3)', isUnderlined: true }]],
    ['true colour with colons', `${E}[38:2::10:20:30mx`, [{ t: 'x', color: 'rgb(10 20 30)' }]],
    ['true colour with colons, short', `${E}[48:2:10:20:30mx`, [{ t: 'x', background: 'rgb(10 20 30)' }]],
    ['256 colours with colons', `${E}[38:5:196mx`, [{ t: 'x', color: 'rgb(255 0 0)' }]],
    ['empty reset', `${E}[1mx${E}[my`, [{ t: 'x', isBold: true }, { t: 'y' }]],
    [
      'link ended by ST',
      `${E}]8;;https://a.org/${E}\\x${E}]8;;${E}\\y`,
      [{ t: 'x', href: 'https://a.org/' }, { t: 'y' }],
    ],
    ['link ended by BEL', `${E}]8;id=1;http://a.org\u0007x`, [{ t: 'x', href: 'http://a.org' }]],
    ['link that is no web address', `${E}]8;;javascript:alert(1)${E}\\x`, [{ t: 'x' }]],
    ['window title', `${E}]0;title\u0007x`, [{ t: 'x' }]],
    ['cursor and erase', `a${E}[2K${E}[1A${E}[?25lb`, [{ t: 'ab' }]],
    ['cut in the middle', `a${E}[38;5`, [{ t: 'a' }]],
    ['stray controls', 'a\u0007\u0000b', [{ t: 'ab' }]],
  ])('%s', (_, text, expected) => {
    expect(pieces(text)).toEqual(expected);
  });

  it('goes on in the state where the text before ended', () => {
    const first = parseAnsi(`${E}[1;31mred`);
    const second = parseAnsi('still', first.end);
    expect(second.segments[0]?.style).toEqual({ isBold: true, color: 1 });
    expect(parseAnsi('x', initialAnsi).segments).toEqual([{ text: 'x', style: {} }]);
  });

  it('never lets an escape through and keeps every other character', () => {
    const token = fc.oneof(
      fc.string(),
      fc.constantFrom(`${E}[31m`, `${E}[0m`, `${E}[38:2::1:2:3m`, `${E}]8;;http://x\u0007`),
    );
    fc.assert(
      fc.property(fc.array(token), (parts) => {
        const text = parts.join('');
        const joined = parseAnsi(text)
          .segments.map((s) => s.text)
          .join('');
        expect(joined).toBe(stripAnsi(text));
        expect(joined).not.toContain(E);
      }),
    );
  });
});
