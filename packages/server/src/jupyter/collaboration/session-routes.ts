/**
 * `PUT /p/:project/api/collaboration/session/<path>`: which room a file is shared in, and the epoch of what is shared
 * there (`sessionId`). Also the ids of files, which are our documents' ids. What else jupyter-collaboration has (forks,
 * its own timeline) is not here: 404, by which its clients hide it.
 */
import { asDocumentId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import { askSession, fileIdQuery, filePathQuery } from '@cahier/protocol/http/jupyter-collaboration.ts';
import { projectId, projectPath } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, RawAnswer, type Route } from '../../http/route.ts';
import type { LabRooms } from './lab-rooms.ts';
import { sessionTypes } from './room-door.ts';

const params = z.object({ project: projectId });
const below = z.object({ project: projectId, '*': projectPath });

export function collaborationRoutes(rooms: LabRooms): readonly Route[] {
  const { open, log } = rooms.deps;
  return [
    projectRoute({
      method: 'PUT',
      path: '/p/:project/api/collaboration/session/*',
      action: 'document.read',
      input: z.object({ params: below, body: askSession }),
      handle: async ({ project, input }) => {
        const path = normaliseProjectPath(input.params['*']);
        const at = await open(project);
        const isKnown = (await log.documentByPath(project, path)) !== null;
        const opening = await at.rooms.open(path);
        if (!opening.ok) throw opening.refused.error;
        const { kind } = opening.open.room;
        const { format, type } = sessionTypes[kind];
        // one authority for each file: a notebook is not edited as text beside itself
        if (input.body.format !== format || input.body.type !== type) {
          const what = kind === 'notebook' ? 'a notebook: open it as one' : 'a text: open it as one';
          throw appError('jupyter/bad-type', { details: { path, what } });
        }
        const room = await rooms.room(at, opening.open);
        await room.durable();
        const body = { format, type, fileId: room.document, sessionId: room.epoch };
        const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
        return new RawAnswer(JSON.stringify(body), headers, isKnown ? 200 : 201);
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/fileid/id',
      action: 'file.read',
      input: z.object({ params, query: fileIdQuery }),
      handle: async ({ project, input }) => {
        const path = normaliseProjectPath(input.query.path);
        const row = await log.documentByPath(project, path);
        if (!row) throw appError('file/not-found', { details: { path } });
        return { id: row.id, path };
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/fileid/path',
      action: 'file.read',
      input: z.object({ params, query: filePathQuery }),
      handle: async ({ project, input }) => {
        const row = await log.document(asDocumentId(input.query.id));
        if (row?.project !== project || row.path.startsWith('/')) throw appError('document/not-found');
        return { id: row.id, path: row.path };
      },
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/fileid/index',
      action: 'file.read',
      input: z.object({ params, query: fileIdQuery }),
      handle: async ({ project, input }) => {
        const opening = await (await open(project)).rooms.open(normaliseProjectPath(input.query.path));
        if (!opening.ok) throw opening.refused.error;
        const { id, path } = opening.open.room;
        return { id, path };
      },
    }),
  ];
}
