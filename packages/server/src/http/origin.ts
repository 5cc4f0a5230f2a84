/**
 * Which site is speaking. Two walls against other sites: the Host header must be a name of ours (DNS rebinding), and
 * what changes something must come from our own pages (cross-site requests). Strings are compared whole, never by prefix.
 */
import { isIP } from 'node:net';

export interface OriginRules {
  /** The address the server listens at. */
  readonly host: string;
  readonly allowHost: readonly string[];
  readonly publicUrl?: string | undefined;
  /** Origins of other sites whose pages may use the projects' APIs with a token. */
  readonly allowOrigin?: readonly string[];
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const ownNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export class SiteGuard {
  readonly #names: ReadonlySet<string>;
  readonly #takesAnyAddress: boolean;
  readonly #public: URL | null;
  readonly #callers: ReadonlySet<string>;

  constructor(rules: OriginRules) {
    this.#public = rules.publicUrl === undefined ? null : new URL(rules.publicUrl);
    this.#callers = new Set(rules.allowOrigin);
    this.#takesAnyAddress = rules.host === '0.0.0.0' || rules.host === '::';
    this.#names = new Set([
      ...ownNames,
      ...rules.allowHost.map((name) => name.toLowerCase()),
      ...(this.#public ? [this.#public.hostname] : []),
      ...(isIP(rules.host) === 6 ? [`[${rules.host.toLowerCase()}]`] : [rules.host.toLowerCase()]),
    ]);
  }

  /** Is the Host header a name of this server? */
  isOurs(host: string | undefined): boolean {
    const name = hostNameOf(host);
    if (name === null) return false;
    if (this.#names.has(name)) return true;
    return this.#takesAnyAddress && isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
  }

  /** Our own origin as this request's browser sees it. `host` has passed `isOurs`. */
  originFor(host: string): string {
    if (this.#public && host.toLowerCase() === this.#public.host) return this.#public.origin;
    return `http://${host.toLowerCase()}`;
  }

  isHttps(host: string): boolean {
    return this.originFor(host).startsWith('https:');
  }

  /** May an unsafe request with a cookie go on? Exact Origin, or same-origin fetch metadata; both when both are there. */
  isSameOrigin(headers: Headers): boolean {
    const { origin, host } = headers;
    const site = headers['sec-fetch-site'];
    if (typeof host !== 'string' || (site !== undefined && site !== 'same-origin')) return false;
    if (origin === undefined) return site === 'same-origin';
    return origin === this.originFor(host);
  }

  /** Is it the origin of another site that may call with a token? Never with a cookie. */
  mayCall(origin: string): boolean {
    return this.#callers.has(origin);
  }

  /** For sockets, where only the Origin header tells: absent is `null`. */
  socketOrigin(headers: Headers): 'ours' | 'foreign' | 'absent' {
    const { origin, host } = headers;
    // a page that may call brings no cookie that counts: like a program
    if (typeof origin !== 'string') return origin === undefined ? 'absent' : 'foreign';
    if (this.mayCall(origin)) return 'absent';
    return typeof host === 'string' && origin === this.originFor(host) ? 'ours' : 'foreign';
  }
}

/** The name in a Host header, lower case, without the port; null when it is not a plain `name[:port]`. */
export function hostNameOf(host: string | undefined): string | null {
  const match = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(host ?? '');
  return match?.[1]?.toLowerCase() ?? null;
}
