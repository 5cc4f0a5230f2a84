/** `POST /p/:project/api/events`: a program announces what it did. Listening is a socket (events.ts). */
import { appError } from '@cahier/core/errors.ts';
import {
  contentsAction,
  contentsSchema,
  kernelAction,
  kernelActionsSchema,
  newEvent,
} from '@cahier/protocol/http/jupyter-events.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, type Route } from '../http/route.ts';
import type { JupyterEvents } from './events.ts';

export interface EventRouteDeps {
  readonly events: JupyterEvents;
}

const known: ReadonlyMap<string, z.ZodType<Record<string, unknown>>> = new Map<
  string,
  z.ZodType<Record<string, unknown>>
>([
  [kernelActionsSchema, kernelAction],
  [contentsSchema, contentsAction],
]);

export function eventRoutes({ events }: EventRouteDeps): readonly Route[] {
  return [
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/events',
      action: 'document.edit',
      input: z.object({ params: z.object({ project: projectId }), body: newEvent }),
      handle: async ({ project, input }) => {
        const { schema_id: id, version, data, timestamp } = input.body;
        const schema = known.get(id);
        if (!schema) throw refused(`Unable to find schema: ${id.slice(0, 200)}`);
        if (version !== '1')
          throw refused(`Unregistered version of ${id}: ${version}. The registered one is 1.`);
        const parsed = schema.safeParse(data);
        if (!parsed.success) {
          const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'not of its schema' };
          throw refused(`data.${path.join('.')}: ${message}`);
        }
        events.emit(project, id, parsed.data, timestamp ? Date.parse(timestamp) : undefined);
        return null;
      },
    }),
  ];
}

const refused = (why: string) => appError('jupyter/refused', { details: { why } });
