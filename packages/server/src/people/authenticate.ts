/**
 * From the headers of a request to a Principal; used by every HTTP request and every socket upgrade, so that there is
 * one way in. A cookie and a token in one request: the token counts, as it was put there on purpose.
 */
import type { SiteGuard } from '../http/origin.ts';
import { readCookie, sessionCookie, sessionCookieName, tokenCookieName } from '../http/cookies.ts';
import { type People, sessionIdleMs } from './people.ts';
import type { Proof } from '../http/principal.ts';
import type { ProjectTokens } from './project-tokens.ts';

interface AuthHeaders {
  readonly host?: string | undefined;
  readonly cookie?: string | undefined;
  readonly authorization?: string | undefined;
}

/** Throws `request/rate-limited` after too many wrong tokens. */
export async function authenticate(
  headers: AuthHeaders,
  ip: string,
  people: People,
  sites: SiteGuard,
  tokens?: ProjectTokens,
): Promise<Proof | null> {
  const token = /^(?:token|bearer) +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token !== undefined) {
    const principal = tokens?.isOne(token)
      ? await tokens.principal(token)
      : await people.byOwnerToken(token, ip);
    return principal && { principal, by: 'token' };
  }
  const host = headers.host ?? '';
  const secret = readCookie(headers.cookie, sessionCookieName(host, sites.isHttps(host)));
  if (secret === undefined) {
    const kept = readCookie(headers.cookie, tokenCookieName(host, sites.isHttps(host)));
    const principal = kept === undefined ? null : ((await tokens?.principal(kept)) ?? null);
    return principal && { principal, by: 'cookie' };
  }
  const found = await people.bySession(secret);
  if (!found) return null;
  const proof: Proof = { principal: found.principal, by: 'cookie' };
  if (!found.isRenewed) return proof;
  return { ...proof, renewedCookie: sessionCookie(secret, host, sites.isHttps(host), sessionIdleMs / 1000) };
}
