/**
 * Port: where runners live. A host starts the runner process of a project; it says where code runs, nothing about
 * Jupyter. The runner dials back to the link address with the token it was given (through a pipe, never argv or
 * environment). Contract suite: runner-host.contract.ts.
 */
import type { ProjectId, RunnerId } from '@cahier/base/ids.ts';

export interface RunnerStart {
  readonly project: ProjectId;
  readonly runner: RunnerId;
  readonly token: string;
  /** Absolute folder of the project's files. */
  readonly home: string;
}

export interface RunningRunner {
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<{ readonly reason: string }>;
  /** Ends the process and everything it started. */
  kill(): void;
}

export interface RunnerHost {
  start(start: RunnerStart): Promise<RunningRunner>;
  /** Is the runner process of an earlier life of the server still there? Then wait for it to dial instead of starting one. */
  find(project: ProjectId): Promise<RunningRunner | null>;
}
