import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { describe, expect, it } from 'vitest';
import { ChunkedUploads } from './chunked-uploads.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (all: Uint8Array | null) => all && new TextDecoder().decode(all);

describe('uploads in chunks', () => {
  it('are whole with the last chunk, and a first one begins anew', () => {
    const uploads = new ChunkedUploads(new FakeClock());
    expect(uploads.add('k', 1, bytes('old'), 'p')).toBe(null);
    expect(uploads.add('k', 1, bytes('a'), 'p')).toBe(null);
    expect(uploads.add('k', 2, bytes('b'), 'p')).toBe(null);
    expect(uploads.sizeOf('k')).toBe(2);
    expect(text(uploads.add('k', -1, bytes('c'), 'p'))).toBe('abc');
    expect(uploads.sizeOf('k')).toBe(0);
  });

  it('refuse what is out of order', () => {
    const uploads = new ChunkedUploads(new FakeClock());
    expect(() => uploads.add('k', 2, bytes('b'), 'p')).toThrow(/order/);
    expect(() => uploads.add('k', -1, bytes('b'), 'p')).toThrow(/order/);
    uploads.add('k', 1, bytes('a'), 'p');
    expect(() => uploads.add('k', 3, bytes('c'), 'p')).toThrow(/order/);
  });

  it('are forgotten when nothing more comes, and are few at a time', async () => {
    const clock = new FakeClock();
    const uploads = new ChunkedUploads(clock);
    for (let i = 0; i < 8; i += 1) uploads.add(`k${i}`, 1, bytes('a'), 'p');
    expect(() => uploads.add('k8', 1, bytes('a'), 'p')).toThrow(/Too many/);
    await clock.pass(10 * 60_000 + 1);
    expect(uploads.add('k8', 1, bytes('a'), 'p')).toBe(null);
    expect(() => uploads.add('k0', 2, bytes('a'), 'p')).toThrow(/order/);
  });
});
