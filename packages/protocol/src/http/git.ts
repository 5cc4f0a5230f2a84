/** HTTP of what Git keeps of a project's files, under /api/projects/:project/git. */
import { z } from 'zod';
import { projectPath } from '../ids.ts';
import { gitLog, gitRevision } from '../project-facts.ts';

/** GET /log?path=…: the newest commits of that file; why there are none. */
export const gitLogOf = z.object({ path: projectPath });
export { gitLog };
export type GitLog = z.infer<typeof gitLog>;
export type GitCommit = GitLog['commits'][number];

/** GET /file?path=…&revision=…: its bytes in a commit (by hash; `path` as the log names it). */
export const gitFile = z.object({ path: projectPath, revision: gitRevision });
