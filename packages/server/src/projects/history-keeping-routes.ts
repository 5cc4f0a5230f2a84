/** HTTP routes that look after histories: export, purge, names of moments, and files that were deleted (bodies: protocol/http/history.ts). */
import { Readable } from 'node:stream';
import { nameMoment, purgeRange, recoverDocument } from '@cahier/protocol/http/history.ts';
import { documentId, projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, type Route, StreamAnswer } from '../http/route.ts';
import { contentDisposition } from '../http/user-bytes.ts';
import type { DeletedDocuments } from './deleted-documents.ts';
import type { HistoryExport } from '../history/export.ts';
import type { ProjectHistories } from '../history/histories.ts';
import type { HistoryNames } from '../history/names.ts';
import type { HistoryPurge } from '../history/purge.ts';

export interface KeepingRouteDeps {
  readonly exports: Pick<HistoryExport, 'write'>;
  readonly purge: Pick<HistoryPurge, 'purge'>;
  readonly histories: Pick<ProjectHistories, 'list' | 'exportAll'>;
  readonly names: Pick<HistoryNames, 'list' | 'name'>;
  readonly deleted: Pick<DeletedDocuments, 'list' | 'recover'>;
}

const params = z.object({ project: projectId, document: documentId });
const documents = '/api/projects/:project/documents';

export function keepingRoutes(deps: KeepingRouteDeps): readonly Route[] {
  const { exports, purge, histories, names, deleted } = deps;
  return [
    projectRoute({
      method: 'GET',
      path: `${documents}/:document/history/export`,
      action: 'history.read',
      input: z.object({ params, query: z.object({ outputs: z.enum(['0', '1']).default('0') }) }),
      handle: async ({ project, input }) => {
        const { document } = input.params;
        const lines = await exports.write(project, document, input.query.outputs === '1');
        return exportAnswer(Readable.from(lines, { objectMode: false }), `history-${document}.jsonl`);
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/histories',
      action: 'history.read',
      input: z.object({ params: params.pick({ project: true }) }),
      handle: ({ project }) => histories.list(project),
    }),
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/histories/export',
      action: 'history.read',
      input: z.object({
        params: params.pick({ project: true }),
        query: z.object({ outputs: z.enum(['0', '1']).default('0') }),
      }),
      handle: async ({ project, input }) => {
        const lines = histories.exportAll(project, input.query.outputs === '1');
        return exportAnswer(Readable.from(lines, { objectMode: false }), 'histories.jsonl');
      },
    }),
    projectRoute({
      method: 'GET',
      path: `${documents}/:document/history/names`,
      action: 'history.read',
      input: z.object({ params }),
      handle: ({ project, input }) => names.list(project, input.params.document),
    }),
    projectRoute({
      method: 'PUT',
      path: `${documents}/:document/history/names`,
      action: 'history.restore',
      input: z.object({ params, body: nameMoment }),
      handle: async ({ project, input, principal }) => {
        const { seq, name } = input.body;
        const by = { person: principal.person.id, name: principal.person.name, session: null };
        await names.name(project, input.params.document, seq, name, by);
        return {};
      },
    }),
    projectRoute({
      method: 'POST',
      path: `${documents}/:document/history/purge`,
      action: 'project.manage',
      input: z.object({ params, body: purgeRange }),
      handle: async ({ project, input, principal }) => {
        const { from, to } = input.body;
        const by = { person: principal.person.id, name: principal.person.name, session: null };
        return { entries: await purge.purge(project, input.params.document, from, to, by) };
      },
    }),
    projectRoute({
      method: 'GET',
      path: documents,
      action: 'history.read',
      input: z.object({
        params: params.pick({ project: true }),
        query: z.object({ deleted: z.literal('1') }),
      }),
      handle: ({ project }) => deleted.list(project),
    }),
    projectRoute({
      method: 'POST',
      path: `${documents}/:document/recover`,
      action: 'history.restore',
      input: z.object({ params, body: recoverDocument }),
      handle: async ({ project, input }) => ({
        path: await deleted.recover(project, input.params.document, input.body.path),
      }),
    }),
  ];
}

function exportAnswer(lines: Readable, name: string): StreamAnswer {
  return new StreamAnswer(lines, {
    'content-type': 'application/jsonl; charset=utf-8',
    'content-disposition': contentDisposition('attachment', name),
    'cache-control': 'no-store',
  });
}
