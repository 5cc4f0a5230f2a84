/** What every runner host must do. `setUp` gives a host whose runner tells where it was started, and lives until told. */
import { asProjectId, asRunnerId, type ProjectId } from '@cahier/base/ids.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunnerHost } from './runner-host.ts';

export interface RunnerHostCase {
  readonly host: RunnerHost;
  /** The same machine, seen by a server of a later life. */
  readonly later: () => RunnerHost;
  /** Resolves to the configuration with which the runner of a project was started. */
  readonly told: (project: ProjectId) => Promise<{ readonly token: string; readonly home: string }>;
  /** Lets the runner of a project end by itself. */
  readonly end: (project: ProjectId) => Promise<void>;
  readonly tearDown: () => Promise<void>;
}

export function runnerHostContract(setUp: () => Promise<RunnerHostCase>): void {
  describe('a runner host', () => {
    const project = asProjectId('p1');
    const start = { project, runner: asRunnerId('r1'), token: 'secret-token', home: '/tmp' };
    let at: RunnerHostCase;
    beforeEach(async () => {
      at = await setUp();
    });
    afterEach(() => at.tearDown());

    it('knows of no runner that was not started', async () => {
      expect(await at.host.find(project)).toBeNull();
    });

    it('starts one, tells it what it was given, and finds it again', async () => {
      const running = await at.host.start(start);
      expect(await at.told(project)).toMatchObject({ token: 'secret-token', home: '/tmp' });
      expect(await at.host.find(project)).not.toBeNull();
      expect(await at.host.find(asProjectId('p2'))).toBeNull();
      running.kill();
      await running.ended;
    });

    it('tells when it has ended', async () => {
      const running = await at.host.start(start);
      await at.told(project);
      await at.end(project);
      expect((await running.ended).reason).not.toBe('');
      expect(await at.host.find(project)).toBeNull();
    });

    it('lets it live when the server ends, so that the next one finds it and can end it', async () => {
      await at.host.start(start);
      await at.told(project);
      const found = await at.later().find(project);
      if (!found) throw new Error('the runner was not found again');
      found.kill();
      expect((await found.ended).reason).not.toBe('');
      expect(await at.later().find(project)).toBeNull();
    });
  });
}
