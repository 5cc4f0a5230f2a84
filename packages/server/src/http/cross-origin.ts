/**
 * What pages of other sites are told that may use a project's API (config: allowOrigin). They bring a token; cookies are
 * never part of it. Source: Fetch standard, CORS protocol.
 */
export function headersFor(origin: string): Readonly<Record<string, string>> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'location, content-disposition, etag, retry-after',
    vary: 'Origin',
  };
}

export const preflightHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'accept, content-type, authorization, x-xsrftoken',
  'access-control-max-age': '600',
};
