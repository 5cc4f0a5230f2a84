import { describe, expect, it } from 'vitest';
import { SiteGuard } from './origin.ts';

const local = new SiteGuard({ host: '127.0.0.1', allowHost: [] });

describe('names of this server', () => {
  it.each(['localhost', 'localhost:8400', 'LOCALHOST:1', '127.0.0.1:8400', '[::1]:8400'])(
    '%s is ours',
    (host) => {
      expect(local.isOurs(host)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.example:8400',
    '10.0.0.1:8400',
    'localhost:8400@evil.example',
    'localhost/evil',
    'localhost:8400:1',
    'localhost:abc',
    ' localhost',
  ])('%s is not', (host) => {
    expect(local.isOurs(host)).toBe(false);
  });

  it('takes any address when it listens everywhere, but no name', () => {
    const open = new SiteGuard({ host: '0.0.0.0', allowHost: ['lab.school'] });
    expect(
      ['10.1.2.3:8400', '[fe80::1]:8400', 'lab.school', 'LAB.school:80'].map((h) => open.isOurs(h)),
    ).toEqual([true, true, true, true]);
    expect(
      ['evil.example', 'lab.school.evil.example', '10.1.2.3.evil.example'].map((h) => open.isOurs(h)),
    ).toEqual([false, false, false]);
  });
});

describe('same origin', () => {
  const host = 'localhost:8400';
  const origin = 'http://localhost:8400';

  it.each([
    [{ origin }, true],
    [{ origin, 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{}, false],
    [{ origin: 'null' }, false],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, false],
    [{ origin, 'sec-fetch-site': 'cross-site' }, false],
    [{ origin, 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, false],
    [{ origin: 'http://localhost:8401' }, false],
    [{ origin: 'https://localhost:8400' }, false],
    [{ origin: 'http://localhost:8400.evil.example' }, false],
    [{ origin: 'http://evil.example' }, false],
    [{ origin: 'http://127.0.0.1:8400' }, false],
  ])('%j: %s', (headers, isSame) => {
    expect(local.isSameOrigin({ host, ...headers })).toBe(isSame);
  });

  it('behind a proxy for https, expects the origin of the public address there and nowhere else', () => {
    const proxied = new SiteGuard({ host: '127.0.0.1', allowHost: [], publicUrl: 'https://cahier.school' });
    const seen = { host: 'cahier.school', origin: 'https://cahier.school' };
    expect(proxied.isOurs('cahier.school')).toBe(true);
    expect(proxied.isHttps('cahier.school')).toBe(true);
    expect(proxied.isSameOrigin(seen)).toBe(true);
    expect(proxied.isSameOrigin({ ...seen, origin: 'http://cahier.school' })).toBe(false);
    expect(proxied.isSameOrigin({ host, origin })).toBe(true);
  });

  it('knows where a socket comes from', () => {
    expect(local.socketOrigin({ host, origin })).toBe('ours');
    expect(local.socketOrigin({ host, origin: 'null' })).toBe('foreign');
    expect(local.socketOrigin({ host, origin: 'http://evil.example' })).toBe('foreign');
    expect(local.socketOrigin({ host })).toBe('absent');
  });
});
