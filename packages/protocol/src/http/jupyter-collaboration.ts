/**
 * Bodies and queries of the REST side of JupyterLab's collaboration: sessions of shared documents, ids of files, and the
 * three bodies by which programs ask the server to run a cell. Lenient where the reference servers are.
 */
import { z } from 'zod';
import { projectPath, runId } from '../ids.ts';

export const askSession = z.object({ format: z.string().max(64), type: z.string().max(64) });

export const fileIdQuery = z.object({ path: projectPath });
export const filePathQuery = z.object({ id: z.string().min(1).max(128) });

const cellId = z.string().min(1).max(256);
const documentName = z.string().min(1).max(256);

/** jupyter-collaboration's executor. */
export const runCell = z.object({ cell_id: cellId, document_id: documentName });

/** jupyter-server-documents: `source_hash` is MurmurHash2 of the code that the person saw. */
export const runCells = z.object({
  document_id: documentName,
  cells: z
    .array(z.object({ cell_id: cellId, source_hash: z.union([z.string().max(32), z.int()]).nullish() }))
    .min(1)
    .max(20_000),
  request_id: z.string().max(256).nullish(),
  previous_request_id: z.string().max(256).nullish(),
});

/** jupyter-server-nbmodel. */
export const runCode = z.object({
  code: z.string().max(10_000_000),
  metadata: z.object({ cell_id: cellId, document_id: documentName }),
});

export const executeBody = z.union([runCode, runCells, runCell]);
export type ExecuteBody = z.infer<typeof executeBody>;

/** `run`: the run that asked, of the clients that know it; another one's question is not answered by mistake. */
export const inputBody = z.object({ input: z.string().max(1_000_000), run: runId.optional() });
