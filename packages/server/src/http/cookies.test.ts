import { describe, expect, it } from 'vitest';
import { readCookie, sessionCookie, sessionCookieName } from './cookies.ts';

describe('the cookie', () => {
  it('belongs to one server: the port is in its name, since cookies do not know ports', () => {
    expect(sessionCookieName('localhost:8400', false)).toBe('cahier-8400');
    expect(sessionCookieName('localhost', false)).toBe('cahier-80');
    expect(sessionCookieName('cahier.school', true)).toBe('__Host-cahier');
  });

  it('is for the server alone', () => {
    expect(sessionCookie('s', 'localhost:8400', false, 60)).toBe(
      'cahier-8400=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax',
    );
    expect(sessionCookie('s', 'cahier.school', true, 60)).toMatch(/; Secure$/);
  });

  it('is read among others, and not at all when there are two', () => {
    expect(readCookie('a=1; cahier-8400=x; b=2', 'cahier-8400')).toBe('x');
    expect(readCookie('cahier-8400=x; cahier-8400=y', 'cahier-8400')).toBeUndefined();
    expect(readCookie('xcahier-8400=x', 'cahier-8400')).toBeUndefined();
    expect(readCookie(undefined, 'cahier-8400')).toBeUndefined();
  });
});
