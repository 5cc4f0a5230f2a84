/** The owner's link: its token becomes a session. */
import { sessionCookie } from '../http/cookies.ts';
import type { SignInByLink } from '../http/pages.ts';
import { type People, sessionIdleMs } from './people.ts';

export function signInByLink(people: People): SignInByLink {
  return async (token, { principal: known, ip, origin }) => {
    const principal = await people.byOwnerToken(token, ip);
    if (!principal) return null;
    const isSameAgain = known?.person.id === principal.person.id && known.session !== null;
    if (isSameAgain) return null;
    const { host, protocol } = new URL(origin);
    const secret = await people.startSession(principal.person.id);
    return sessionCookie(secret, host, protocol === 'https:', sessionIdleMs / 1000);
  };
}

/** The same by a form: the Set-Cookie header, or null when the token is wrong. Throws `request/rate-limited`. */
export function ownerSignIn(people: People) {
  return async (token: string, ip: string, origin: string): Promise<string | null> => {
    const principal = await people.byOwnerToken(token, ip);
    if (!principal) return null;
    const { host, protocol } = new URL(origin);
    const secret = await people.startSession(principal.person.id);
    return sessionCookie(secret, host, protocol === 'https:', sessionIdleMs / 1000);
  };
}
