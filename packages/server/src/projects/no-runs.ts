/** Stands in until runs/project-runs.ts is there. */
import type { RunRoom } from '../runs/run-room.ts';
import type { LiveSource } from '../rooms/live-source.ts';
import { emptyLiveNotebook } from '@cahier/core/runs/live.ts';
import type { RunnerHello } from '../runners/runner.ts';
import type { RunnerEvent, RunnerSignal } from '@cahier/protocol/runner/up.ts';
import type { DocumentId } from '@cahier/base/ids.ts';

export class ProjectRuns {
  readonly hasKernels = false;
  constructor(_: object) {}
  async openLive(_: RunRoom): Promise<LiveSource> {
    return {
      state: emptyLiveNotebook,
      results: async () => new Map(),
      takeResults: async () => {},
      onResultsChanged: () => ({ dispose: () => {} }),
    };
  }
  isBusy(_: DocumentId): boolean {
    return false;
  }
  closed(_: DocumentId): void {}
  async close(): Promise<void> {}
  onConnected(_: RunnerHello): void {}
  onDisconnected(): void {}
  onEvent(_: number, __: RunnerEvent): void {}
  onSignal(_: RunnerSignal): void {}
}
