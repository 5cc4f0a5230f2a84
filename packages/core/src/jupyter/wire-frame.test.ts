import type { JsonObject } from '@cahier/base/json.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JupyterMessage } from './message.ts';
import { type Sign, signParts, wireReader, writeWire } from './wire-frame.ts';

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);

/** Not a real signature, but one that changes with every byte and with the order of the parts. */
const sign: Sign = (parts) => {
  let sum = 7;
  for (const part of parts) for (const byte of part) sum = (sum * 31 + byte) % 4_294_967_291;
  return sum.toString(16);
};

function message(content: JsonObject, parent: JupyterMessage['parent'] = null): JupyterMessage {
  const header = {
    msg_id: 'm1',
    msg_type: 'stream',
    session: 's',
    username: 'u',
    date: '2026-01-01T00:00:00Z',
    version: '5.4',
  };
  return { header, parent, metadata: {}, content, buffers: [] };
}

describe('the wire format', () => {
  it('reads what it wrote, buffers and identities included', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.array(fc.uint8Array()),
        fc.array(fc.uint8Array({ maxLength: 3 })),
        (content, buffers, identities) => {
          const plain: JsonObject = JSON.parse(JSON.stringify(content));
          const sent = { ...message(plain), buffers };
          const frames = writeWire(sent, sign);
          const result = wireReader(sign)([...identities, ...frames]);
          expect(result).toEqual({ ok: true, message: sent, identities, parts: frames.slice(2) });
          expect(signParts(frames.slice(2), sign)).toEqual(frames);
        },
      ),
    );
  });

  it('refuses a message when any byte of the signed parts was changed', () => {
    const frames = writeWire(message({ text: 'hello' }), sign);
    for (const index of [2, 3, 4, 5]) {
      const tampered = frames.map((frame, i) => (i === index ? bytes('{"msg_type":"evil"}') : frame));
      expect(wireReader(sign)(tampered)).toEqual({ ok: false, fault: 'bad-signature' });
    }
    const unsigned = frames.map((frame, i) => (i === 1 ? bytes('') : frame));
    expect(wireReader(sign)(unsigned)).toEqual({ ok: false, fault: 'bad-signature' });
  });

  it('has an empty signature without a key', () => {
    const frames = writeWire(message({}), () => '');
    expect(frames[1]).toHaveLength(0);
    expect(wireReader(() => '')(frames)).toMatchObject({ ok: true });
  });

  it('names the fault of what is no message', () => {
    const read = wireReader(() => '');
    const from = (...frames: string[]) => read(frames.map(bytes));
    expect(from('topic', 'text')).toEqual({ ok: false, fault: 'no-delimiter' });
    expect(from('<IDS|MSG>', '', '{}', '{}', '{}')).toEqual({ ok: false, fault: 'too-short' });
    expect(from('<IDS|MSG>', '', '{"a"', '{}', '{}', '{}')).toEqual({ ok: false, fault: 'not-json' });
    expect(from('<IDS|MSG>', '', '[1,2,3]', '{}', '{}', '{}')).toEqual({ ok: false, fault: 'not-json' });
    expect(from('<IDS|MSG>', '', '{}', '{}', '{}', '{}')).toEqual({ ok: false, fault: 'no-type' });
  });

  it('lives with headers that lack everything but the type, and with bare NaN', () => {
    const read = wireReader(() => '');
    const result = read(
      [
        '<IDS|MSG>',
        '',
        '{"msg_type":"x"}',
        '{"msg_id":"p"}',
        '{}',
        '{"a":[NaN,-Infinity,"NaN \\"Infinity"]}',
      ].map(bytes),
    );
    expect(result).toMatchObject({
      ok: true,
      message: {
        header: { msg_id: '', msg_type: 'x' },
        parent: { msg_id: 'p' },
        content: { a: [null, null, 'NaN "Infinity'] },
      },
    });
  });

  it('tells parents apart although it remembers the last one', () => {
    const read = wireReader(sign);
    const parents = ['a', 'b', 'a', null].map((id) =>
      id === null ? null : { ...message({}).header, msg_id: id },
    );
    const got = parents.map((parent) => read(writeWire(message({}, parent), sign)));
    expect(got.map((result) => (result.ok ? result.message.parent : 'fault'))).toEqual(parents);
  });
});
