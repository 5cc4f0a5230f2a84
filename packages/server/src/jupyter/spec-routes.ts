/** `/p/:project/api/spec.yaml`: this API in words of OpenAPI, made from the tables of its routes. */
import { projectId } from '@cahier/protocol/ids.ts';
import { stringify } from 'yaml';
import { z } from 'zod';
import { openApi } from '../http/openapi.ts';
import { projectRoute, RawAnswer, type Route } from '../http/route.ts';

/** `version` of the jupyter_server whose API this is. */
export function specRoute(routes: readonly Route[], version: string): Route {
  let text: string | null = null;
  const route: Route = projectRoute({
    method: 'GET',
    path: '/p/:project/api/spec.yaml',
    action: 'document.read',
    input: z.object({ params: z.object({ project: projectId }) }),
    handle: async () => {
      text ??= stringify(
        openApi([...routes, route], {
          title: 'Jupyter Server API of a Cahier project',
          version,
          description: 'Requests, statuses and error bodies are those of Jupyter Server.',
        }),
        { aliasDuplicateObjects: false },
      );
      return new RawAnswer(text, {
        'content-type': 'text/x-yaml; charset=utf-8',
        'cache-control': 'private, max-age=3600',
      });
    },
  });
  return route;
}
