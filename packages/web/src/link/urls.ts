/** Addresses of the server, built in one place. Paths are escaped part by part. */
import type { ProjectId } from '@cahier/base/ids.ts';

export function escapePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

export function fileUrl(project: ProjectId, path: string, options: { download?: boolean } = {}): string {
  const query = options.download ? '?download=1' : '';
  return `/p/${encodeURIComponent(project)}/files/${escapePath(path)}${query}`;
}

/** Written by the project's nbconvert. */
export function exportUrl(project: ProjectId, format: string, path: string): string {
  return `/p/${encodeURIComponent(project)}/nbconvert/${encodeURIComponent(format)}/${escapePath(path)}?download=1`;
}

export function blobUrl(project: ProjectId, hash: string, type: string): string {
  return `/p/${encodeURIComponent(project)}/blobs/${hash}?type=${encodeURIComponent(type)}`;
}

/** Our own end of a terminal's socket. */
export function terminalSocketUrl(project: ProjectId, terminal: string): string {
  const host = location.origin.replace(/^http/, 'ws');
  return `${host}/p/${encodeURIComponent(project)}/terminals/websocket/${encodeURIComponent(terminal)}?cahier=1`;
}

/** Pages of this app. */
export const pages = {
  home: () => '/',
  folder: (project: string, path = '') =>
    path === ''
      ? `/p/${encodeURIComponent(project)}`
      : `/p/${encodeURIComponent(project)}?folder=${encodeURIComponent(path)}`,
  /** JupyterLab, with this file open in it. */
  lab: (project: string, path: string) =>
    `/p/${encodeURIComponent(project)}/lab${path === '' ? '' : `/tree/${escapePath(path)}`}`,
  help: (topic: 'history' | 'history-export' | 'compare') => `/help/${topic}`,
  history: (project: string) => `/p/${encodeURIComponent(project)}/history`,
  terminal: (project: string, name: string) =>
    `/p/${encodeURIComponent(project)}/terminals/${encodeURIComponent(name)}`,
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
