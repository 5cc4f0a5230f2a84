import { asDocumentId, asPersonId, asSessionId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import { Vouchers } from './vouchers.ts';

const of = { id: asDocumentId('d'), epoch: 'e' };
const update = Uint8Array.of(1, 2, 3);
const ada = { person: asPersonId('p'), name: 'Ada', session: asSessionId('s') };
const vouchers = new Vouchers('a key');
const voucher = vouchers.vouch(of, update, ada, 'typing');

describe('a voucher', () => {
  it('is the server’s word after a restart, too', () => {
    expect(new Vouchers('a key').isGenuine(of, update, voucher)).toBe(true);
  });

  it.each([
    ['another update', of, Uint8Array.of(1, 2, 4), voucher],
    ['another document', { ...of, id: asDocumentId('other') }, update, voucher],
    ['another history of it', { ...of, epoch: 'other' }, update, voucher],
    ['another name', of, update, { ...voucher, name: 'Ben' }],
    ['another person', of, update, { ...voucher, person: null }],
    ['another session', of, update, { ...voucher, session: null }],
    ['another origin', of, update, { ...voucher, origin: 'disk' }],
    ['a seal cut short', of, update, { ...voucher, seal: voucher.seal.slice(0, 8) }],
    ['no seal', of, update, { ...voucher, seal: '' }],
  ] as const)('counts nothing for %s', (_, document, bytes, shown) => {
    expect(vouchers.isGenuine(document, bytes, shown)).toBe(false);
  });

  it('of another server counts nothing', () => {
    expect(new Vouchers('another key').isGenuine(of, update, voucher)).toBe(false);
  });
});
