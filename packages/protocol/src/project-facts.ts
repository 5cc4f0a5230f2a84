/**
 * What the runner finds in a project and the page shows: files, kernelspecs, commits. Both wires use it, so that the page
 * does not bring the runner's along.
 */
import { z } from 'zod';
import { projectPath } from './ids.ts';
import { jsonObject } from './json.ts';

export const fileEntry = z.object({
  name: z.string(),
  path: projectPath,
  type: z.enum(['file', 'directory', 'other']),
  size: z.number(),
  modifiedAt: z.number(),
  isWritable: z.boolean(),
});
export type FileEntry = z.infer<typeof fileEntry>;

export const kernelspecOnWire = z.object({
  name: z.string(),
  displayName: z.string(),
  language: z.string(),
  interruptMode: z.enum(['signal', 'message']),
  metadata: jsonObject,
  /** File names of its logos and scripts. */
  resources: z.array(z.string()),
  /** As kernel.json has them; for Jupyter's clients, which show them. */
  argv: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  protocolVersion: z.string().optional(),
  /** Why this kernel cannot start (its program does not exist…), when known. */
  problem: z.string().optional(),
});
export type KernelspecOnWire = z.infer<typeof kernelspecOnWire>;

/** A commit by its hash: no name and no option of Git can be said with it. */
export const gitRevision = z.string().regex(/^[0-9a-f]{7,64}$/);

export const gitLog = z.object({
  /** `untracked`: no commit has this file. */
  git: z.enum(['here', 'no-program', 'no-repository', 'untracked']),
  /** Newest first. `at`: ms since the epoch; `path`: the file's name then. */
  commits: z.array(
    z.object({
      hash: z.string(),
      author: z.string(),
      at: z.number(),
      message: z.string(),
      path: projectPath,
    }),
  ),
  /** There are older ones. */
  isCut: z.boolean(),
});
