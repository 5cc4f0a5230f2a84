import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, joinPayload, splitPayload } from './frame.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('frames', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), bytes, (header, payload) => {
        const clean: unknown = JSON.parse(JSON.stringify(header));
        const back = decodeFrame(encodeFrame(header, payload));
        expect(back.header).toEqual(clean);
        expect([...back.payload]).toEqual([...payload]);
      }),
    );
  });

  it('cut anywhere in the head are refused with frame/malformed, never with anything else', () => {
    const whole = encodeFrame({ t: 'ping', id: 1, text: 'é𝒳' }, new Uint8Array([1, 2, 3]));
    const headLength = whole.length - 3;
    for (let length = 0; length < headLength; length++) {
      expect(() => decodeFrame(whole.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'frame/malformed' }),
      );
    }
  });

  it('of garbage throw frame/malformed or give a header, but never crash', () => {
    fc.assert(
      fc.property(bytes, (garbage) => {
        try {
          decodeFrame(garbage);
        } catch (error) {
          expect(error).toMatchObject({ code: 'frame/malformed' });
        }
      }),
    );
  });

  it('split their payload as it was joined, and refuse lengths that do not add up', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), (parts) => {
        const joined = joinPayload(parts);
        const lengths = parts.map((part) => part.length);
        expect(splitPayload(joined, lengths).map((part) => [...part])).toEqual(
          parts.map((part) => [...part]),
        );
        expect(() => splitPayload(joined, [...lengths, 1])).toThrow(
          expect.objectContaining({ code: 'frame/malformed' }),
        );
      }),
    );
  });
});
