/**
 * Bodies and queries of Jupyter's REST API that clients send. Lenient where the reference server is: unknown keys pass,
 * null means absent. Source: jupyter_server's api.yaml and handlers.
 */
import { z } from 'zod';
import { projectPath, terminalName } from '../ids.ts';

const flag = z.enum(['0', '1']);
const maybe = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? undefined);

export const contentsQuery = z.object({
  type: z.string().max(64).optional(),
  format: z.enum(['text', 'base64']).optional(),
  content: flag.default('1'),
  hash: flag.default('0'),
});

export const saveContents = z.object({
  type: maybe(z.enum(['file', 'notebook', 'directory'])),
  format: maybe(z.enum(['json', 'text', 'base64'])),
  content: z.unknown().optional(),
  chunk: maybe(z.int().min(-1)),
  copy_from: maybe(projectPath),
});
export type SaveContents = z.infer<typeof saveContents>;

/** PATCH api/me. What is not named here is not to be changed, and is refused by its name. */
export const changeIdentity = z.looseObject({
  name: z.string().trim().min(1).max(80).optional(),
  display_name: z.string().trim().min(1).max(80).optional(),
});

/** No body at all is an empty one. */
const orEmpty = <S extends z.ZodType>(schema: S) => z.preprocess((body) => body ?? {}, schema);

export const newContents = orEmpty(
  z.object({
    type: maybe(z.enum(['file', 'notebook', 'directory'])),
    ext: maybe(z.string().regex(/^\.?[A-Za-z0-9_-]{0,32}$/)),
    copy_from: maybe(projectPath),
  }),
);

export const renameContents = z.object({ path: projectPath.min(1) });

const kernelName = maybe(z.string().min(1).max(256));

/** `env` comes from Jupyter servers that use this one as their gateway; of it only the folder counts. */
export const startKernel = orEmpty(
  z.object({
    name: kernelName,
    path: maybe(projectPath),
    kernel_id: maybe(z.string().max(256)),
    env: maybe(z.looseObject({ KERNEL_WORKING_DIR: z.string().max(4096).optional() })),
  }),
);

/** POST api/terminals. */
export const newTerminal = orEmpty(z.object({ name: maybe(terminalName), cwd: maybe(z.string().max(4096)) }));

/** POST nbconvert/{format}: a contents model. */
export const convertNotebook = z.object({ name: maybe(projectPath), content: z.unknown() });

const kernelWish = maybe(z.object({ id: maybe(z.string().max(256)), name: kernelName }));

export const newSession = z.object({
  path: projectPath,
  name: maybe(z.string().max(4096)),
  type: z.string().min(1).max(256),
  kernel: kernelWish,
});

export const changeSession = z.object({
  path: maybe(projectPath),
  name: maybe(z.string().max(4096)),
  type: maybe(z.string().max(256)),
  kernel: kernelWish,
});
