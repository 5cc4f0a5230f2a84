/**
 * How requests of Jupyter's clients differ at the edge: their error bodies and statuses, and the `_xsrf` cookie that
 * whoever comes with a cookie must repeat in a header. Source: jupyter_server (base/handlers.py), as observed.
 */
import { httpStatusOf, type WireError } from '@cahier/protocol/wire-error.ts';
import { z } from 'zod';
import { repeatsXsrf } from '../http/cookies.ts';
import type { Dialect, EdgeRequest, Route } from '../http/route.ts';

const statuses: Readonly<Record<string, number>> = {
  // Jupyter's clients know no 401: they would ask the browser for a password
  'access/sign-in': 403,
  'file/outside': 404,
};

const reasons: Readonly<Record<string, string>> = {
  'jupyter/bad-type': 'bad type',
  'jupyter/bad-format': 'bad format',
};

const queryXsrf = z.object({ _xsrf: z.string().min(1) });

function isRepeated({ headers, query }: EdgeRequest): boolean {
  const { cookie } = headers;
  const sent = headers['x-xsrftoken'] ?? queryXsrf.safeParse(query).data?._xsrf;
  return repeatsXsrf(typeof cookie === 'string' ? cookie : undefined, sent);
}

export const jupyterDialect: Dialect = {
  refusal: (error: WireError) => ({
    status: statuses[error.code] ?? httpStatusOf[error.kind],
    body: { message: error.message, reason: reasons[error.code] ?? null },
  }),
  isWanted: (request, origin) => origin !== 'foreign' && isRepeated(request),
};

/** A form cannot send the header; a page of another site cannot know what has to be in it. */
export const formDialect: Dialect = { ...jupyterDialect, isWanted: (_, origin) => origin !== 'foreign' };

export function inDialect(dialect: Dialect, routes: readonly Route[]): readonly Route[] {
  return routes.map((route) => ({ ...route, dialect, isForPrograms: true }));
}
