/** What a notebook (or text) view needs of an open document. DocumentSession is one; a test page makes its own. */
import type { DocumentSession } from '../rooms/document-session.ts';

export type NotebookSession = Pick<
  DocumentSession,
  | 'project'
  | 'doc'
  | 'path'
  | 'mayEdit'
  | 'ydoc'
  | 'live'
  | 'presence'
  | 'status'
  | 'undoOrigin'
  | 'request'
  | 'blobUrl'
  | 'projectUrl'
>;
