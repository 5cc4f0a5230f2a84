/**
 * The events of Jupyter Server that Cahier announces and takes: their schemas' names and data. Sources: jupyter_server's
 * event_schemas (kernel_actions/v1, contents_service/v1) and jupyter_events' envelope.
 */
import { z } from 'zod';
import { projectPath } from '../ids.ts';

const schemasAt = 'https://events.jupyter.org/jupyter_server';
export const kernelActionsSchema = `${schemasAt}/kernel_actions/v1`;
export const contentsSchema = `${schemasAt}/contents_service/v1`;

export const kernelAction = z.looseObject({
  action: z.enum(['start', 'interrupt', 'shutdown', 'restart']),
  kernel_id: z.string().max(512).optional(),
  kernel_name: z.string().max(256).optional(),
  status: z.enum(['error', 'success']).optional(),
  status_code: z.number().optional(),
  msg: z.string().max(10_000),
});
export type KernelAction = z.infer<typeof kernelAction>;

export const contentsAction = z.looseObject({
  action: z.enum(['get', 'create', 'save', 'upload', 'rename', 'copy', 'delete']),
  path: projectPath,
  source_path: projectPath.optional(),
});
export type ContentsAction = z.infer<typeof contentsAction>;

/** POST api/events. `timestamp` when the sender says when it was. */
export const newEvent = z.object({
  schema_id: z.string().max(512),
  version: z.union([z.string().max(32), z.int()]).transform(String),
  data: z.record(z.string(), z.unknown()),
  timestamp: z.iso.datetime({ offset: true, local: true }).nullish(),
});
