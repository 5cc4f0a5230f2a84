/**
 * What the server tells the runner at birth, as one line of JSON on stdin: the token in it must be seen neither in
 * the process list nor in an environment.
 */
import { projectId, runnerId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';

export const runnerConfig = z.object({
  project: projectId,
  runner: runnerId,
  /** Proves to the server that this is the runner it started. */
  token: z.string().min(1).max(256),
  /** Absolute folder of the project's files. */
  home: z.string().startsWith('/'),
  /** `ws://host:port/runner-link` or `ws+unix:/path/link.sock:/runner-link`. */
  address: z.string().min(1),
  /** Absolute private folder: connection files, spilled events. */
  stateDir: z.string().startsWith('/'),
  /** Folders with `kernels/<name>/kernel.json`, searched right after JUPYTER_PATH. */
  kernelPaths: z.array(z.string()).default([]),
  logFile: z.string().startsWith('/'),
  /** Without a server for so long, kernels are stopped. */
  orphanHours: z.number().positive().default(12),
  /** Names of environment variables that kernels get besides the usual ones (kernels/environment.ts). */
  passEnv: z.array(z.string()).default([]),
});
export type RunnerConfig = z.infer<typeof runnerConfig>;

const longestConfig = 1024 * 1024;

/** Reads up to the first line end, then lets go of stdin. Throws when it is not a configuration. */
export async function readConfig(stdin: NodeJS.ReadStream): Promise<RunnerConfig> {
  let text = '';
  stdin.setEncoding('utf8');
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > longestConfig) break;
  }
  stdin.destroy();
  const [line = ''] = text.split('\n', 1);
  return runnerConfig.parse(JSON.parse(line));
}
