/** Addresses for the outputs of one open notebook. */
import type { OutputSource } from '../outputs/output-source.ts';
import { pages } from '../link/urls.ts';
import type { NotebookSession } from './notebook-session.ts';

export function outputSourceOf(
  session: Pick<NotebookSession, 'blobUrl' | 'projectUrl' | 'path' | 'project'>,
): OutputSource {
  return {
    blobUrl: (hash, type) => session.blobUrl(hash, type),
    fileUrl: (relative) => session.projectUrl(besides(session.path, relative)),
    pageUrl: (relative) => pages.document(session.project, besides(session.path, relative)),
    macros: {},
  };
}

/** The path of a file named relative to another; `..` never leaves the project. */
export function besides(path: string, relative: string): string {
  const parts = relative.startsWith('/') ? [] : path.split('/').slice(0, -1);
  const [name = ''] = relative.split(/[?#]/);
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
