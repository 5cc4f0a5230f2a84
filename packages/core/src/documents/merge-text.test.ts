import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeText } from './merge-text.ts';

describe('mergeText', () => {
  it.each([
    ['changes in different lines', 'a\nb\nc\n', 'A\nb\nc\n', 'a\nb\nC\n', 'A\nb\nC\n'],
    ['changes in neighbouring lines', 'a\nb\n', 'A\nb\n', 'a\nB\n', 'A\nB\n'],
    [
      'changes at different places of one line',
      'total = price * 2',
      'total = cost * 2',
      'total = price * 3',
      'total = cost * 3',
    ],
    ['the same change', 'a\nb\n', 'a\nx\n', 'a\nx\n', 'a\nx\n'],
    ['different changes of the same word: both lines', 'x = 1\n', 'x = 10\n', 'x = 12\n', 'x = 10\nx = 12\n'],
    ['different changes at the edges of one word', 'x = 1\n', 'x = 10\n', 'x = 20\n', 'x = 10\nx = 20\n'],
    ['a word added beside another that changed', 'see it', 'see it now', 'saw it', 'saw it now'],
    ['both append a line', 'a', 'a\nb', 'a\nc', 'a\nb\nc'],
    ['both append a line, with line end', 'a\n', 'a\nb\n', 'a\nc\n', 'a\nb\nc\n'],
    ['both start from nothing', '', 'ours', 'theirs', 'ours\ntheirs'],
    ['one deletes what the other changes', 'a\nb\nc\n', 'a\nc\n', 'a\nB!\nc\n', 'a\nB!\nc\n'],
    ['both delete', 'a\nb\nc\n', 'a\n', 'a\nc\n', 'a\n'],
    [
      'one inserts at the edge of the other’s change',
      'a\nb\nc\n',
      'a\nnew\nb\nc\n',
      'a\nB\nc\n',
      'a\nnew\nB\nc\n',
    ],
  ])('%s', (_, base, ours, theirs, merged) => {
    expect(mergeText(base, ours, theirs)).toBe(merged);
  });

  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', ' ', 'é', '\u{1f600}'), maxLength: 40 });

  it('is the other side exactly when one changed nothing', () => {
    fc.assert(
      fc.property(text, text, (base, side) => {
        expect(mergeText(base, base, side)).toBe(side);
        expect(mergeText(base, side, base)).toBe(side);
        expect(mergeText(base, side, side)).toBe(side);
      }),
    );
  });

  it('keeps every line that either side inserted', () => {
    const lines = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 12 });
    const inserts = fc.array(fc.tuple(fc.nat(12), fc.nat(3)), { maxLength: 6 });
    fc.assert(
      fc.property(lines, inserts, inserts, (base, ours, theirs) => {
        const put = (side: string, list: typeof ours) => {
          const result: string[] = [...base];
          list.forEach(([at], i) => result.splice(at % (result.length + 1), 0, `${side}${i}\n`));
          return result.join('');
        };
        const merged = mergeText(base.join(''), put('o', ours), put('t', theirs)).split('\n');
        ours.forEach((_, i) => expect(merged).toContain(`o${i}`));
        theirs.forEach((_, i) => expect(merged).toContain(`t${i}`));
        expect(merged.length - 1).toBe(base.length + ours.length + theirs.length);
      }),
    );
  });

  it('never drops a character that only one side has', () => {
    fc.assert(
      fc.property(text, text, text, (base, left, right) => {
        const at = Math.floor(base.length / 2);
        const safe = base.isWellFormed() && base.slice(0, at).isWellFormed() ? at : 0;
        const ours = `${base.slice(0, safe)}<O${left}O>${base.slice(safe)}`;
        const theirs = `${base.slice(0, safe)}<T${right}T>${base.slice(safe)}`;
        const merged = mergeText(base, ours, theirs);
        expect(isWithin(`<O${left}O>`, merged)).toBe(true);
        expect(isWithin(`<T${right}T>`, merged)).toBe(true);
      }),
    );
  });
});

/** Are all characters of `part` in `whole`, in their order? Lines of the two sides may lie between each other. */
function isWithin(part: string, whole: string): boolean {
  const rest = part[Symbol.iterator]();
  let next = rest.next();
  for (const char of whole) if (next.done !== true && next.value === char) next = rest.next();
  return next.done === true;
}
