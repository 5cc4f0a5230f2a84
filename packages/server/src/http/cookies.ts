/** The cookies of people and of programs: which names they have, how they are read and written. */

/**
 * `__Host-` binds the cookie to this host over https; over plain http it would be refused on a network name. Cookies
 * do not know ports, so the name does: two servers on one machine leave each other's people signed in.
 */
export function sessionCookieName(host: string, isHttps: boolean): string {
  if (isHttps) return '__Host-cahier';
  return `cahier-${/:(\d+)$/.exec(host)?.[1] ?? '80'}`;
}

/** Value of a cookie; undefined when absent or given twice (another site on this host may be tossing one in). */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`));
  return found.length === 1 ? found[0]?.slice(name.length + 1) : undefined;
}

/** Is Jupyter's `_xsrf` cookie repeated in `sent`, which pages of other sites cannot set? */
export function repeatsXsrf(header: string | undefined, sent: unknown): boolean {
  const kept = readCookie(header, '_xsrf');
  return kept !== undefined && kept !== '' && sent === kept;
}

/** `maxAgeSeconds` 0 takes it away. */
export function sessionCookie(secret: string, host: string, isHttps: boolean, maxAgeSeconds: number): string {
  return [
    `${sessionCookieName(host, isHttps)}=${secret}`,
    'Path=/',
    `Max-Age=${maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isHttps ? ['Secure'] : []),
  ].join('; ');
}

/** A project's token that was exchanged for a cookie at `/p/<project>/login`; sent under that path only. */
export function tokenCookieName(host: string, isHttps: boolean): string {
  return isHttps ? '__Secure-cahier-token' : `cahier-token-${/:(\d+)$/.exec(host)?.[1] ?? '80'}`;
}

export function tokenCookie(secret: string, host: string, isHttps: boolean, path: string): string {
  return [
    `${tokenCookieName(host, isHttps)}=${secret}`,
    `Path=${path}`,
    ...(secret === '' ? ['Max-Age=0'] : []),
    'HttpOnly',
    'SameSite=Lax',
    ...(isHttps ? ['Secure'] : []),
  ].join('; ');
}
