/** The other side of a comparison when it is a file: fetched and read when it is wanted. */
import type { AppError } from '@cahier/base/app-error.ts';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { commitWords, type ComparedSide, type ComparedWith, contentOfFile } from './compared-side.ts';

export interface OutsideSide {
  readonly side: ComparedSide | null;
  readonly error: AppError | null;
}

/** Neither side nor error: on its way, or nothing was asked for. */
export function useOutside(session: DocumentSession, wanted: ComparedWith | null): OutsideSide {
  const { project, kind } = session;
  const { value, error } = useAnswer<ComparedSide | null>(keyOf(wanted), async () => {
    if (wanted === null || wanted.what === 'moment') return null;
    const isFile = wanted.what === 'file';
    const path = isFile ? wanted.path : wanted.commit.path;
    const url = isFile ? session.projectUrl(path) : api.gitFileUrl(project, path, wanted.commit.hash);
    const content = await contentOfFile(await api.bytes(url), path, kind);
    return { words: isFile ? path : commitWords(wanted.commit), content };
  });
  return { side: value, error };
}

function keyOf(wanted: ComparedWith | null): string {
  if (wanted === null || wanted.what === 'moment') return 'nothing';
  return wanted.what === 'file'
    ? `file ${wanted.path}`
    : `commit ${wanted.commit.hash} ${wanted.commit.path}`;
}
