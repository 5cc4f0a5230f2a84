/**
 * Runner host of one machine: a runner is a detached child process, so that it outlives the server. Its environment is
 * nearly empty and its token comes through a pipe. What is needed to find it again is kept in its state folder.
 */
import { spawn } from 'node:child_process';
import { open, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProjectId } from '@cahier/base/ids.ts';
import { z } from 'zod';
import type { RunnerHost, RunnerStart, RunningRunner } from '../../runners/runner-host.ts';
import { isSameProcess, processBirth } from './process-birth.ts';
import { runnerEnvironment } from './runner-environment.ts';

export interface LocalRunnerHostOptions {
  /** The runner's program, run by this same Node. */
  readonly program: string;
  /** Flags for Node before the program. */
  readonly nodeFlags?: readonly string[];
  /** A folder per project is made in it. */
  readonly folder: string;
  /** Where runners dial: `ws+unix:/path:/runner-link`. */
  readonly address: string;
  readonly kernelPaths: readonly string[];
  readonly orphanHours: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Further variables for the runner itself. */
  readonly extraEnv?: Readonly<Record<string, string>>;
}

const processRecord = z.object({ pid: z.int().positive(), birth: z.string() });
const lookEveryMs = 500;
const termWithinMs = 3_000;

export class LocalRunnerHost implements RunnerHost {
  readonly #options: LocalRunnerHostOptions;
  readonly #running = new Map<ProjectId, RunningRunner>();

  constructor(options: LocalRunnerHostOptions) {
    this.#options = options;
  }

  async start({ project, runner, token, home }: RunnerStart): Promise<RunningRunner> {
    const { program, nodeFlags = [], address, kernelPaths, orphanHours, env, extraEnv } = this.#options;
    const stateDir = this.#stateDir(project);
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    const logFile = join(stateDir, 'runner.log');
    const log = await open(logFile, 'a', 0o600);
    try {
      const child = spawn(process.execPath, [...nodeFlags, program], {
        cwd: stateDir,
        detached: true,
        env: { ...runnerEnvironment(env), ...extraEnv },
        stdio: ['pipe', log.fd, log.fd],
      });
      const ended = new Promise<{ reason: string }>((resolve) => {
        child.once('error', (error) => resolve({ reason: error.message }));
        child.once('exit', (code, signal) =>
          resolve({ reason: signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}` }),
        );
      });
      const { pid, stdin } = child;
      if (pid === undefined || stdin === null)
        throw new Error(`the runner could not be started: ${(await ended).reason}`);
      stdin.on('error', () => {
        // it ended before it read its configuration: `ended` tells
      });
      const config = {
        project,
        runner,
        token,
        home,
        address,
        stateDir,
        kernelPaths,
        logFile,
        orphanHours,
      };
      stdin.end(`${JSON.stringify(config)}\n`);
      child.unref();
      const birth = (await processBirth(pid)) ?? '';
      // on a full disk it runs all the same; only the next life of the server will not find it
      await writeFile(this.#recordFile(project), JSON.stringify({ pid, birth }), { mode: 0o600 }).catch(
        () => {},
      );
      return this.#keep(project, { ended, kill: () => killGroup(pid, ended) });
    } finally {
      await log.close();
    }
  }

  async find(project: ProjectId): Promise<RunningRunner | null> {
    const known = this.#running.get(project);
    if (known) return known;
    const text = await readFile(this.#recordFile(project), 'utf8').catch(() => null);
    if (text === null) return null;
    const record = processRecord.safeParse(parsedJson(text));
    if (!record.success || !(await isSameProcess(record.data.pid, record.data.birth))) return null;
    const { pid, birth } = record.data;
    const ended = untilGone(pid, birth);
    return this.#keep(project, { ended, kill: () => killGroup(pid, ended) });
  }

  #keep(project: ProjectId, running: RunningRunner): RunningRunner {
    this.#running.set(project, running);
    void running.ended.then(async () => {
      if (this.#running.get(project) !== running) return;
      this.#running.delete(project);
      await rm(this.#recordFile(project), { force: true }).catch(() => {});
    });
    return running;
  }

  #stateDir(project: ProjectId): string {
    return join(this.#options.folder, project);
  }

  #recordFile(project: ProjectId): string {
    return join(this.#stateDir(project), 'process.json');
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** For a process that is not our child: there is no event, so it is looked at. */
function untilGone(pid: number, birth: string): Promise<{ reason: string }> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      void isSameProcess(pid, birth).then((isThere) => {
        if (isThere) return;
        clearInterval(timer);
        resolve({ reason: 'it has gone' });
      });
    }, lookEveryMs);
    timer.unref();
  });
}

function killGroup(pid: number, ended: Promise<unknown>): void {
  signalGroup(pid, 'SIGTERM');
  const hurry = setTimeout(() => signalGroup(pid, 'SIGKILL'), termWithinMs);
  void ended.then(() => clearTimeout(hurry));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has gone already
  }
}
