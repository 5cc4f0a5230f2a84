/**
 * Composition of a serving runner: link, journal, kernels, files, and its end. Nothing here knows Jupyter or the wire;
 * it only puts the parts together. The process outlives the server; see main.ts.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { answerCall } from './calls.ts';
import type { RunnerConfig } from './config.ts';
import { FileWatch } from './files/file-watch.ts';
import { ProjectFiles } from './files/project-files.ts';
import { ProjectGit } from './git/project-git.ts';
import { kernelEnvironment } from './kernels/environment.ts';
import { KernelTable } from './kernels/kernel-table.ts';
import { endOrphans } from './kernels/orphans.ts';
import { EnvironmentKernelspecs } from './kernelspecs/environment-kernelspecs.ts';
import { kernelspecCatalog } from './kernelspecs/kernelspec-catalog.ts';
import { pythonPrefix } from './kernelspecs/python-prefix.ts';
import { pythonsOf } from './kernelspecs/pythons-of.ts';
import { isOwn, kernelspecFolders } from './kernelspecs/search-path.ts';
import { EventJournal } from './link/event-journal.ts';
import { RunnerLink } from './link/runner-link.ts';
import { SpillFile } from './link/spill-file.ts';
import { fileLog } from './log.ts';
import { Nbconvert } from './nbconvert/nbconvert.ts';
import { systemClock } from './system-clock.ts';
import { TerminalTable } from './terminals/terminal-table.ts';

let isWarm = false;
/** main.ts starts without the optimising compilers; the first run shows that there is work for them. */
function warmUp(): void {
  if (isWarm) return;
  isWarm = true;
  setFlagsFromString('--opt --maglev --sparkplug');
}

const orphanCheckMs = 60_000;
/** A server that was set up anew will never want its old runners again. */
const refusedMs = 10 * 60_000;

/** Runs until the server says stop, the process is told to end, or nobody came for `orphanHours`; then resolves. */
export async function serve(config: RunnerConfig): Promise<void> {
  const clock = systemClock;
  const log = fileLog(config.logFile, { runner: config.runner, project: config.project, pid: process.pid });
  mkdirSync(config.stateDir, { recursive: true, mode: 0o700 });
  const note = { pid: process.pid, runner: config.runner, project: config.project, startedAt: clock.now() };
  const noteFile = join(config.stateDir, 'runner.json');
  writeFileSync(noteFile, JSON.stringify(note), { mode: 0o600 });
  // A bug in one corner must not take everyone's variables along.
  process.on('uncaughtException', (error) => log.error({ error }, 'unexpected error'));
  process.on('unhandledRejection', (error) => log.error({ error }, 'unexpected rejection'));

  const connectionFolder = join(config.stateDir, 'kernels');
  mkdirSync(connectionFolder, { recursive: true, mode: 0o700 });
  await endOrphans(connectionFolder, log);
  const homeFolder = process.env['HOME'] || homedir();
  let prefix: Promise<string | null> | null = null;
  const prefixOfPython = () => (prefix ??= pythonPrefix(process.env));
  const folders = async () => {
    const found = await prefixOfPython();
    return kernelspecFolders({
      env: process.env,
      homeFolder,
      platform: process.platform,
      kernelPaths: config.kernelPaths,
      pythonPrefixes: found === null ? [] : [found],
      isOwn,
    });
  };
  const environments = new EnvironmentKernelspecs({ home: config.home, homeFolder, now: () => clock.now() });
  const catalog = kernelspecCatalog({
    folders,
    pythonPrefix: prefixOfPython,
    env: process.env,
    homeFolder,
    environments,
  });
  const files = new ProjectFiles(config.home);
  // so that `jupyter console --existing` in a terminal or a cell finds the kernels
  const env = { ...kernelEnvironment(process.env, config.passEnv), JUPYTER_RUNTIME_DIR: connectionFolder };
  const folder = async (path: string) => (await files.root.target(path)).absolute;
  const terminals = new TerminalTable({
    home: config.home,
    folder,
    env,
    clock,
    log,
    show: (terminal, at, bytes) => link.terminal(terminal, at, bytes),
    signal: (signal) => link.signal(signal),
  });
  const nbconvert = new Nbconvert({
    pythons: () => pythonsOf(env, environments, catalog),
    folder,
    env,
    now: () => clock.now(),
  });
  const git = new ProjectGit(config.home);
  const journal = new EventJournal(new SpillFile(join(config.stateDir, 'events.spill')));
  const watch = new FileWatch(files, clock, (signal) => link.signal(signal));
  const kernels = new KernelTable({
    catalog,
    home: config.home,
    homeFolder,
    connectionFolder,
    env,
    clock,
    log,
    emit: (event) => link.event(event),
    signal: (signal) => link.signal(signal),
    message: (kernel, channel, parts) => link.message(kernel, channel, parts),
  });

  let end: (why: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const link: RunnerLink = new RunnerLink({
    config,
    journal,
    clock,
    random: Math.random,
    log,
    listener: {
      answer: (call, payload) => {
        if (call.method === 'kernel.execute') warmUp();
        return answerCall({ catalog, kernels, files, git, watch, terminals, nbconvert }, call, payload);
      },
      kernels: () => kernels.overview(),
      onWelcome: () => {
        kernels.listenToNone();
        terminals.watchNone();
        watch.tellAgain();
      },
      onStop: () => end('the server said stop'),
    },
  });

  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  const orphanMs = config.orphanHours * 3_600_000;
  const orphanCheck = setInterval(
    () => {
      if (link.awayMs >= orphanMs) end('no server came for too long');
      else if (link.refusedMs >= refusedMs) end('the server does not know this runner');
    },
    Math.min(orphanCheckMs, orphanMs),
  );
  log.info({ address: config.address }, 'runner started');
  link.dial();

  const why = await ended;
  clearInterval(orphanCheck);
  log.info({ why }, 'runner stops its kernels');
  watch.dispose();
  terminals.hangUpAll();
  await kernels.shutdownAll();
  await link.close();
  journal.close();
  rmSync(noteFile, { force: true });
}
