import { describe, expect, it } from 'vitest';
import * as encoding from 'lib0/encoding';
import {
  awarenessFrame,
  decodeLabFrame,
  saveReplyFrame,
  step1Frame,
  step2Frame,
  updateFrame,
} from './lab-frames.ts';

const bytes = Uint8Array.of(1, 2, 3);

describe('frames of shared rooms', () => {
  it('come back as they were sent, step 2 told from news', () => {
    expect(decodeLabFrame(step1Frame(bytes))).toEqual({ is: 'step1', vector: bytes });
    expect(decodeLabFrame(step2Frame(bytes))).toEqual({ is: 'update', update: bytes, isAnswer: true });
    expect(decodeLabFrame(updateFrame(bytes))).toEqual({ is: 'update', update: bytes, isAnswer: false });
    expect(decodeLabFrame(awarenessFrame(bytes))).toEqual({ is: 'awareness', update: bytes });
    expect(decodeLabFrame(Uint8Array.of(3))).toEqual({ is: 'awareness.query' });
  });

  it('a save as docprovider sends it, and the answer in ASCII', () => {
    const asked = encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, 2);
      encoding.writeVarString(encoder, 'save');
      encoding.writeVarUint(encoder, 300);
    });
    expect(decodeLabFrame(asked)).toEqual({ is: 'save', id: 300 });
    const reply = saveReplyFrame(300, 'skipped');
    expect([...reply].every((byte) => byte < 128)).toBe(true);
    expect(new TextDecoder().decode(reply.subarray(2))).toBe(
      '{"type":"save","responseTo":300,"status":"skipped"}',
    );
  });

  it('what nobody knows is unknown, what is cut is malformed, and neither throws', () => {
    expect(decodeLabFrame(Uint8Array.of(125, 0))).toEqual({ is: 'unknown' });
    expect(decodeLabFrame(Uint8Array.of(0, 9))).toEqual({ is: 'unknown' });
    expect(decodeLabFrame(Uint8Array.of(2, 1, 120))).toEqual({ is: 'unknown' });
    for (const whole of [step1Frame(bytes), updateFrame(bytes), awarenessFrame(bytes)]) {
      for (let end = 0; end < whole.length; end += 1) {
        expect(decodeLabFrame(whole.subarray(0, end)).is).toBe('malformed');
      }
    }
  });

  it('what is decoded does not share memory with the socket', () => {
    const frame = updateFrame(bytes);
    const decoded = decodeLabFrame(frame);
    frame.fill(9);
    expect(decoded).toMatchObject({ update: Uint8Array.of(1, 2, 3) });
  });
});
