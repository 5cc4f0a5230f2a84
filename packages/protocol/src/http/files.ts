/** HTTP bodies about files of a project, under /api/projects/:project/files. */
import { z } from 'zod';
import { projectPath } from '../ids.ts';
import { fileEntry, kernelspecOnWire } from '../project-facts.ts';

/** GET ?path=folder */
export const listing = z.object({ path: projectPath, entries: z.array(fileEntry) });
export type Listing = z.infer<typeof listing>;
/** POST: makes a new one in `folder`, naming it as Jupyter does (Untitled.ipynb, Untitled1.ipynb…) unless `name` is given. */
export const newFile = z.object({
  folder: projectPath,
  type: z.enum(['notebook', 'text', 'directory']),
  name: z.string().min(1).max(255).optional(),
});
export const fileMade = z.object({ path: projectPath });
/** POST /copy: beside the file, named as Jupyter names copies. */
export const copyFile = z.object({ path: projectPath });
/** PATCH */
export const renameFile = z.object({ from: projectPath, to: projectPath });
/** DELETE ?path= ; PUT /content?path=&overwrite=0|1 with the raw bytes. GET /p/:project/files/<path>?download=1 reads. */
export const kernelspecs = z.object({ default: z.string().nullable(), specs: z.array(kernelspecOnWire) });
export type Kernelspecs = z.infer<typeof kernelspecs>;
