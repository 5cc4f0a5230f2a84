/**
 * Outputs by hash: GET /p/:project/blobs/:hash?type=image/png. The bytes are what some kernel made, so they are never
 * a page of ours: only types that cannot carry scripts are shown, SVG only inside the sandbox policy, all else is a
 * download. A hash never changes its meaning, so browsers may keep the answer.
 */
import { blobHash, projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, RawAnswer, type Route } from '../http/route.ts';
import { userBytesPolicy } from '../http/security-headers.ts';
import type { BlobStore } from './blob-store.ts';

/** Asked for → sent. */
const shownTypes: ReadonlyMap<string, string> = new Map([
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/avif', 'image/svg+xml'].map(
    (type) => [type, type] as const,
  ),
  ['text/plain', 'text/plain; charset=utf-8'],
]);

/** An SVG draws with its own styles and embedded pictures; it may neither run nor fetch anything. */
const svgPolicy = `${userBytesPolicy}; style-src 'unsafe-inline'; img-src data:; font-src data:`;

export function blobRoutes({ blobs }: { readonly blobs: BlobStore }): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: '/p/:project/blobs/:hash',
      action: 'document.read',
      input: z.object({
        params: z.object({ project: projectId, hash: blobHash }),
        query: z.object({ type: z.string().max(200).default('') }),
      }),
      handle: async ({ project, input, ifNoneMatch }) => {
        const { hash } = input.params;
        const asked = input.query.type.toLowerCase();
        const shown = shownTypes.get(asked);
        const etag = `"${hash}"`;
        const headers = {
          'content-type': shown ?? 'application/octet-stream',
          'content-disposition': shown ? 'inline' : 'attachment; filename="output"',
          'content-security-policy': asked === 'image/svg+xml' ? svgPolicy : userBytesPolicy,
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'same-origin',
          'cache-control': 'private, max-age=31536000, immutable',
          vary: 'cookie',
          etag,
        };
        if (ifNoneMatch.includes(etag) && (await blobs.has(project, hash)))
          return new RawAnswer('', headers, 304);
        return new RawAnswer(await blobs.get(project, hash), headers);
      },
    }),
  ];
}
