/** Port: which runner may dial in for which project. Tokens are kept as hashes; they outlive the server, as runners do. */
import type { ProjectId, RunnerId } from '@cahier/base/ids.ts';

export interface RunnerTokenRow {
  readonly runner: RunnerId;
  readonly project: ProjectId;
  readonly hash: string;
  readonly createdAt: number;
}

export interface RunnerTokenStore {
  add(row: RunnerTokenRow): Promise<void>;
  token(runner: RunnerId): Promise<RunnerTokenRow | null>;
  /** Forgets every token of the project but that of `keep`. */
  removeOthers(project: ProjectId, keep: RunnerId): Promise<void>;
}
