/** HTTP routes of history (bodies: protocol/http/history.ts). Reading history is a right of its own. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { documentId, projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, RawAnswer, type Route } from '../http/route.ts';
import type { HistoryReader } from './reader.ts';

const params = z.object({ project: projectId, document: documentId });
const path = '/api/projects/:project/documents/:document/history';

export function historyRoutes({ history }: { readonly history: HistoryReader }): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: `${path}/timeline`,
      action: 'history.read',
      input: z.object({ params }),
      handle: async ({ project, input, acceptEncoding }) =>
        jsonAnswer(await history.timeline(project, input.params.document), acceptEncoding, {
          'cache-control': 'no-store',
        }),
    }),
    projectRoute({
      method: 'GET',
      path: `${path}/chunk`,
      action: 'history.read',
      input: z.object({ params, query: z.object({ seq: z.coerce.number().int().nonnegative() }) }),
      handle: async ({ project, input, acceptEncoding, ifNoneMatch }) => {
        const { chunk, tag } = await history.chunk(project, input.params.document, input.query.seq);
        const headers = { etag: `W/"${tag}"`, 'cache-control': 'private, no-cache' };
        if (ifNoneMatch.includes(headers.etag)) return new RawAnswer('', headers, 304);
        return jsonAnswer(chunk, acceptEncoding, headers);
      },
    }),
  ];
}

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** Chunks are some hundred kB of JSON that shrinks to a tenth; compressed off the event loop. */
async function jsonAnswer(
  value: object,
  acceptEncoding: string,
  headers: Readonly<Record<string, string>>,
): Promise<RawAnswer> {
  const json = Buffer.from(JSON.stringify(value));
  const all = { ...headers, 'content-type': 'application/json; charset=utf-8', vary: 'accept-encoding' };
  if (/\bbr\b/.test(acceptEncoding)) {
    const body = await brotli(json, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
    return new RawAnswer(body, { ...all, 'content-encoding': 'br' });
  }
  if (/\bgzip\b/.test(acceptEncoding)) {
    return new RawAnswer(await gzipped(json, { level: 4 }), { ...all, 'content-encoding': 'gzip' });
  }
  return new RawAnswer(json, all);
}
