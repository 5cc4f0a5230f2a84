import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLegacy, decodeV1, encodeLegacy, encodeV1, type SocketMessage } from './socket-frames.ts';

const encoder = new TextEncoder();
const bytes = (value: unknown) => encoder.encode(JSON.stringify(value));
const jsonPart = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => bytes(value));
const channel = fc.constantFrom('shell', 'control', 'stdin', 'iopub');
const message: fc.Arbitrary<SocketMessage> = fc
  .tuple(channel, fc.tuple(jsonPart, jsonPart, jsonPart, jsonPart), fc.array(fc.uint8Array()))
  .map(([name, json, buffers]) => ({ channel: name, parts: [...json, ...buffers] }));

const plain = ({ channel: name, parts }: SocketMessage) => ({
  channel: name,
  json: parts.slice(0, 4).map((part) => JSON.parse(new TextDecoder().decode(part)) as unknown),
  buffers: parts.slice(4).map((part) => [...part]),
});

describe('frames of kernel sockets', () => {
  it('v1 gives back every byte', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const back = decodeV1(encodeV1(sent));
        expect(back?.channel).toBe(sent.channel);
        expect(back?.parts.map((part) => [...part])).toEqual(sent.parts.map((part) => [...part]));
      }),
    );
  });

  it('the older format gives back the same values and buffers', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const frame = encodeLegacy(sent);
        const back = frame === null ? null : decodeLegacy(frame);
        expect(back && plain(back)).toEqual(plain(sent));
      }),
    );
  });

  it('v1 looks as the reference writes it', () => {
    const frame = encodeV1({ channel: 'shell', parts: [bytes({}), bytes({}), bytes({}), bytes({ a: 1 })] });
    const view = new DataView(frame.buffer);
    const numbers = Array.from({ length: 7 }, (_, i) => Number(view.getBigUint64(8 * i, true)));
    expect(numbers).toEqual([6, 56, 61, 63, 65, 67, 74]);
    expect(new TextDecoder().decode(frame.subarray(56))).toBe('shell{}{}{}{"a":1}');
  });

  it('the older format looks as the reference writes it', () => {
    const parts = [bytes({ msg_id: 'i', msg_type: 't' }), bytes({}), bytes({}), bytes({})];
    const text = encodeLegacy({ channel: 'iopub', parts });
    expect(JSON.parse(String(text))).toEqual({
      header: { msg_id: 'i', msg_type: 't' },
      msg_id: 'i',
      msg_type: 't',
      parent_header: {},
      metadata: {},
      content: {},
      buffers: [],
      channel: 'iopub',
    });
    const binary = encodeLegacy({ channel: 'iopub', parts: [...parts, Uint8Array.of(7, 8)] });
    if (!(binary instanceof Uint8Array)) throw new Error('with buffers it is binary');
    const view = new DataView(binary.buffer);
    expect([view.getUint32(0), view.getUint32(4), view.getUint32(8)]).toEqual([2, 12, binary.length - 2]);
  });

  it('a channel that is missing is the shell; NaN of Python becomes null', () => {
    expect(decodeLegacy('{"header":{"msg_type":"x"}}')?.channel).toBe('shell');
    const parts = [bytes({}), bytes({}), bytes({}), encoder.encode('{"x": NaN}')];
    expect(JSON.parse(String(encodeLegacy({ channel: 'iopub', parts })))).toMatchObject({
      content: { x: null },
    });
  });

  it('reads nothing from what is no frame, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (some, text) => {
        decodeV1(some);
        decodeLegacy(some);
        decodeLegacy(text);
      }),
    );
    fc.assert(
      fc.property(message, fc.nat(), (sent, cut) => {
        const frame = encodeV1(sent);
        const short = frame.subarray(0, cut % frame.length);
        expect(decodeV1(short)).toBe(null);
      }),
    );
    for (const text of [
      '',
      '{',
      '7',
      '[]',
      '{"header":7}',
      '{"header":{},"channel":"hb"}',
      '{"header":{},"content":[]}',
    ])
      expect(decodeLegacy(text)).toBe(null);
  });
});
