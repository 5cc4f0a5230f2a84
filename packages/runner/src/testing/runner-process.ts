/** A real runner process for tests, with a project folder of its own, dialling a LinkServer. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { LinkServer } from './link-server.ts';

const mainFile = join(dirname(fileURLToPath(import.meta.url)), '..', 'main.ts');

export interface RunnerOptions {
  readonly kernelPaths?: readonly string[];
  readonly orphanHours?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export class RunnerProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'cahier-runner-'));
  readonly home = join(this.folder, 'home');
  readonly stateDir = join(this.folder, 'state');
  readonly logFile = join(this.folder, 'runner.log');
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;

  constructor(server: LinkServer, options: RunnerOptions = {}) {
    mkdirSync(this.home);
    const log = openSync(this.logFile, 'a');
    this.child = spawn(process.execPath, [mainFile], {
      detached: true,
      env: options.env ?? process.env,
      stdio: ['pipe', log, log],
    });
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
    const config = {
      project: 'project-1',
      runner: 'runner-1',
      token: 'secret-token',
      home: this.home,
      address: server.address,
      stateDir: this.stateDir,
      kernelPaths: options.kernelPaths ?? [],
      logFile: this.logFile,
      ...(options.orphanHours === undefined ? {} : { orphanHours: options.orphanHours }),
    };
    this.child.stdin?.end(`${JSON.stringify(config)}\n`);
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const prepared = z.object({
  phase: z.string(),
  message: z.string(),
  kernelPaths: z.array(z.string()).optional(),
});

/** Folders with a working Python kernel: made once per machine, shared by all tests. */
export async function testKernelPaths(): Promise<readonly string[]> {
  const data = process.env['CAHIER_TEST_DATA'] ?? '/tmp/cahier-test-data';
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [mainFile, 'prepare', '--private', '--data', data],
    {
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  const last = prepared.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  if (last.kernelPaths === undefined) throw new Error(last.message);
  return last.kernelPaths;
}
