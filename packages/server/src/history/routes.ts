/** HTTP routes of history (bodies: protocol/http/history.ts). Reading history is a right of its own. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { appError } from '@cahier/core/errors.ts';
import { bytesOfPackedSteps, mostPackedSteps } from '@cahier/protocol/http/packed-steps.ts';
import { documentId, projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, RawAnswer, type Route } from '../http/route.ts';
import type { HistoryReader } from './reader.ts';

const params = z.object({ project: projectId, document: documentId });
const seq = z.coerce.number().int();
const json = 'application/json; charset=utf-8';
const path = '/api/projects/:project/documents/:document/history';

export function historyRoutes({ history }: { readonly history: HistoryReader }): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: `${path}/timeline`,
      action: 'history.read',
      input: z.object({ params }),
      handle: async ({ project, input, acceptEncoding }) =>
        compressed(bytesOf(await history.timeline(project, input.params.document)), acceptEncoding, {
          'content-type': json,
          'cache-control': 'no-store',
        }),
    }),
    projectRoute({
      method: 'GET',
      path: `${path}/chunk`,
      action: 'history.read',
      input: z.object({ params, query: z.object({ seq: seq.nonnegative().optional() }) }),
      handle: async ({ project, input, acceptEncoding, ifNoneMatch }) => {
        const { params, query } = input;
        const chunk =
          query.seq === undefined
            ? await history.newestChunk(project, params.document)
            : await history.chunk(project, params.document, query.seq);
        return keptAnswer(bytesOf(chunk), json, acceptEncoding, ifNoneMatch);
      },
    }),
    projectRoute({
      method: 'GET',
      path: `${path}/steps`,
      action: 'history.read',
      input: z.object({ params, query: z.object({ from: seq.positive(), to: seq.positive() }) }),
      handle: async ({ project, input, acceptEncoding, ifNoneMatch }) => {
        const { from, to } = input.query;
        if (to < from || to - from >= mostPackedSteps) throw appError('history/range');
        const steps = bytesOfPackedSteps(await history.steps(project, input.params.document, from, to));
        return keptAnswer(steps, 'application/octet-stream', acceptEncoding, ifNoneMatch);
      },
    }),
  ];
}

/** Not sent again to who has it. By content: what was purged must not be shown from a browser's cache. */
async function keptAnswer(
  body: Uint8Array,
  type: string,
  acceptEncoding: string,
  ifNoneMatch: string,
): Promise<RawAnswer> {
  const tag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  const headers = { etag: `W/"${tag}"`, 'cache-control': 'private, no-cache' };
  if (ifNoneMatch.includes(headers.etag)) return new RawAnswer('', headers, 304);
  return compressed(body, acceptEncoding, { ...headers, 'content-type': type });
}

function bytesOf(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** Chunks are some hundred kB of JSON that shrinks to a tenth; compressed off the event loop. */
async function compressed(
  body: Uint8Array,
  acceptEncoding: string,
  headers: Readonly<Record<string, string>>,
): Promise<RawAnswer> {
  const all = { ...headers, vary: 'accept-encoding' };
  if (/\bbr\b/.test(acceptEncoding)) {
    const small = await brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
    return new RawAnswer(small, { ...all, 'content-encoding': 'br' });
  }
  if (/\bgzip\b/.test(acceptEncoding)) {
    return new RawAnswer(await gzipped(body, { level: 4 }), { ...all, 'content-encoding': 'gzip' });
  }
  return new RawAnswer(body, all);
}
