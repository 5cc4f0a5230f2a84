/**
 * Addresses that stand for others. `/k/<project>.<secret>/api/…` is the project's API for a program that cannot send
 * headers: the secret is taken out of the address here, before anybody logs or routes it. And when the server was started
 * on one folder, Jupyter's own addresses at the top (`/api/contents`, `/tree`) are that project's. Pure.
 */
import type { ProjectId } from '@cahier/base/ids.ts';

export interface Meant {
  /** Path and query, as the routes know them. */
  readonly url: string;
  /** `<project>.<secret>` of a base address; then nothing else in the request proves anything. */
  readonly capability: string | null;
}

/** What Jupyter's clients ask for, beside `/api`. */
const jupyterNames = 'files|kernelspecs|lab|login|logout|nbconvert|terminals|tree|view';
/** Below `/api`, what is ours. Everything else there is Jupyter's (route tables are checked against it). */
export const ownApiNames: ReadonlySet<string> = new Set(['account', 'join', 'projects', 'sign-out']);

const byCapability =
  /^\/k\/(([\w-]{1,128})\.[\w-]{1,256})\/((?:api|files|kernelspecs|nbconvert|terminals|view)(?:[/?].*)?)$/;
const anyCapability = /^\/k\/.*$/s;
const atTop = new RegExp(`^/(?:${jupyterNames})(?:[/?]|$)`);
const apiAtTop = /^\/api(?:\/([^/?]*))?(?:[/?]|$)/;

/** `only`: the project that the server was started on. */
export function meantBy(url: string, only: ProjectId | null): Meant {
  const [, capability, project, rest] = byCapability.exec(url) ?? [];
  if (capability !== undefined) return { url: `/p/${project}/${rest}`, capability };
  // whatever it was meant to be, it is repeated to nobody
  if (anyCapability.test(url)) return { url: '/k/', capability: null };
  if (only === null) return { url, capability: null };
  const api = apiAtTop.exec(url);
  const isJupyters = api ? !ownApiNames.has(api[1] ?? '') : atTop.test(url);
  return { url: isJupyters ? `/p/${encodeURIComponent(only)}${url}` : url, capability: null };
}
