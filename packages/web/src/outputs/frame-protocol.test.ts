import { describe, expect, it } from 'vitest';
import { frameSandbox, maxFrameHeight, parseFrameUp } from './frame-protocol.ts';

describe('what a frame may say', () => {
  it('is its height, up to a limit', () => {
    expect(parseFrameUp({ t: 'resize', height: 120 })).toEqual({ t: 'resize', height: 120 });
    expect(parseFrameUp({ t: 'resize', height: 1e9 })).toEqual({ t: 'resize', height: maxFrameHeight });
    expect(parseFrameUp({ t: 'resize', height: -1 })).toBeNull();
    expect(parseFrameUp({ t: 'resize', height: Number.NaN })).toBeNull();
  });

  it('is a link of the web', () => {
    expect(parseFrameUp({ t: 'link', href: 'https://example.org/' })).toEqual({
      t: 'link',
      href: 'https://example.org/',
    });
    expect(parseFrameUp({ t: 'link', href: 'javascript:alert(1)' })).toBeNull();
    expect(parseFrameUp({ t: 'link', href: '/api/me' })).toBeNull();
  });

  it('is the name of a host that it was kept from', () => {
    expect(parseFrameUp({ t: 'kept', host: 'tile.example.org:8443' })).toEqual({
      t: 'kept',
      host: 'tile.example.org:8443',
    });
    expect(parseFrameUp({ t: 'kept', host: 'Click here to win' })).toBeNull();
  });

  it.each([null, 'resize', { t: 'run', code: '1' }, { t: 'link' }, []])('not %j', (data) => {
    expect(parseFrameUp(data)).toBeNull();
  });
});

describe('the frame', () => {
  it('is never of our origin and opens nothing by itself', () => {
    expect(frameSandbox).not.toContain('allow-same-origin');
    expect(frameSandbox).not.toContain('allow-popups');
    expect(frameSandbox).not.toContain('allow-top-navigation');
    expect(frameSandbox).not.toContain('allow-modals');
  });
});
