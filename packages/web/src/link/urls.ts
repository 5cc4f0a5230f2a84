/** Addresses of the server, built in one place. Paths are escaped part by part. */
import type { ProjectId } from '@cahier/base/ids.ts';

export function escapePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

export function fileUrl(project: ProjectId, path: string, options: { download?: boolean } = {}): string {
  const query = options.download ? '?download=1' : '';
  return `/p/${encodeURIComponent(project)}/files/${escapePath(path)}${query}`;
}

export function blobUrl(project: ProjectId, hash: string, type: string): string {
  return `/p/${encodeURIComponent(project)}/blobs/${hash}?type=${encodeURIComponent(type)}`;
}

/** Pages of this app. */
export const pages = {
  home: () => '/',
  folder: (project: string, path = '') =>
    path === ''
      ? `/p/${encodeURIComponent(project)}`
      : `/p/${encodeURIComponent(project)}?folder=${encodeURIComponent(path)}`,
  document: (project: string, path: string) => `/p/${encodeURIComponent(project)}/edit/${escapePath(path)}`,
} as const;

/** The document that an address names: the router's own decoding leaves `%2F` and `%23` as they are. */
export function documentPath(pathname: string): string {
  return pathname.split('/').slice(4).map(unescapePart).join('/');
}

function unescapePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
