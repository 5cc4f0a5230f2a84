/**
 * The server process and its composition root: builds every adapter, hands it to the nouns that need it, serves, and
 * ends. Nothing else knows adapters. Run by scripts/start.ts, which has built the page; tests call `serve`. Standard
 * output gets one line, the ready line; everything else goes to standard error and the log.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@cahier/base/app-error.ts';
import { DisposableStore } from '@cahier/base/disposable.ts';
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import type { SetupState } from '@cahier/protocol/client/down.ts';
import type { Logger } from 'pino';
import { DiskBlobStore } from './adapters/disk/disk-blob-store.ts';
import { type DataFolder, openDataFolder, readableFolder } from './adapters/local/data-folder.ts';
import { EnvironmentSetup } from './adapters/local/environment-setup.ts';
import { watchLag } from './adapters/local/event-loop-lag.ts';
import { LabFolder } from './adapters/local/lab-folder.ts';
import { LabSetup } from './adapters/local/lab-setup.ts';
import { LocalRunnerHost } from './adapters/local/local-runner-host.ts';
import { makeRunnerSocket } from './adapters/local/runner-socket.ts';
import { serverLog } from './adapters/local/server-log.ts';
import { systemClock } from './adapters/local/system-clock.ts';
import { openBrowser, setupOnTerminal, tellNetworkAddress } from './adapters/local/terminal.ts';
import { SqliteHistoryLog } from './adapters/sqlite/history-log.ts';
import { oldHistory } from './adapters/s3/old-history.ts';
import { InvitationTable } from './adapters/sqlite/invitation-table.ts';
import { JupyterConfigTable } from './adapters/sqlite/jupyter-config-table.ts';
import { LabTable } from './adapters/sqlite/lab-table.ts';
import { MainDatabase } from './adapters/sqlite/main-database.ts';
import { PeopleTable } from './adapters/sqlite/people-table.ts';
import { ProjectTable } from './adapters/sqlite/project-table.ts';
import { ProjectTokenTable } from './adapters/sqlite/project-token-table.ts';
import { RunnerTokenTable } from './adapters/sqlite/runner-token-table.ts';
import { SettingsTable } from './adapters/sqlite/settings-table.ts';
import { blobRoutes } from './blobs/routes.ts';
import { type Config, readConfig } from './config.ts';
import { fileRoutes } from './files/routes.ts';
import { HistoryReader } from './history/reader.ts';
import { gitRoutes } from './history/git-routes.ts';
import { HistoryMover } from './history/mover.ts';
import { historyRoutes } from './history/routes.ts';
import { StepStore } from './history/step-store.ts';
import { makeApp } from './http/app.ts';
import { BuiltFiles } from './http/built-files.ts';
import { listen, shownHost } from './http/listen.ts';
import { SiteGuard } from './http/origin.ts';
import { pageRoutes } from './http/pages.ts';
import type { Principal } from './http/principal.ts';
import { LabRooms } from './jupyter/collaboration/lab-rooms.ts';
import { roomDoor } from './jupyter/collaboration/room-door.ts';
import { type EventClient, JupyterEvents } from './jupyter/events.ts';
import { kernelDoor, KernelSockets } from './jupyter/kernel-sockets.ts';
import { labApiRoutes } from './jupyter/lab/lab-api-routes.ts';
import { labPageRoutes } from './jupyter/lab/lab-page-routes.ts';
import { TerminalSockets } from './jupyter/terminal-sockets.ts';
import { jupyterRoutes } from './jupyter/routes.ts';
import { ClientLink } from './link/client-link.ts';
import { ClientLinks } from './link/client-links.ts';
import { watchLiveness } from './link/liveness.ts';
import { RunnerDoor } from './link/runner-door.ts';
import { UpgradeGate } from './link/upgrade-gate.ts';
import { authenticate } from './people/authenticate.ts';
import { Invitations } from './people/invitations.ts';
import { keptSecret } from './people/kept-secret.ts';
import { People } from './people/people.ts';
import { ProjectTokens } from './people/project-tokens.ts';
import { tokenRoutes } from './people/token-routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { hashSecret } from './people/secrets.ts';
import { ownerSignIn, signInByLink } from './people/sign-in-by-link.ts';
import { makeFirstProject } from './projects/first-project.ts';
import { OpenProject } from './projects/open-project.ts';
import { OpenProjects } from './projects/open-projects.ts';
import { Projects } from './projects/projects.ts';
import { projectRoutes } from './projects/routes.ts';
import { historyKeeping } from './projects/history-keeping.ts';
import { projectTerminalRoutes } from './terminals/routes.ts';
import { settingsRoutes } from './projects/settings-routes.ts';
import { Vouchers } from './rooms/vouchers.ts';

export const appVersion = '0.1.0';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Given the log's file, once the data folder is known to be usable. */
  readonly makeLogger: (file: string) => Logger;
  readonly onSetup: (state: SetupState) => void;
  /** The runner's program; tests give their own. */
  readonly runnerProgram?: string;
}

export interface RunningServer {
  readonly port: number;
  /** The owner's link. */
  readonly url: string;
  /** `stop`: kernels end, too. `leave`: runners live on and are found again by the next server. */
  close(runners: 'stop' | 'leave'): Promise<void>;
}

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Throws `start/…` and `storage/…` errors: each is one sentence for the person at the terminal. */
export async function serve(config: Config, around: Surroundings): Promise<RunningServer> {
  const home = config.folder === undefined ? null : await readableFolder(config.folder, config.data);
  const data = await openDataFolder(config.data, appVersion);
  const ends = new DisposableStore();
  try {
    return await compose(config, around, data, home, ends);
  } catch (error) {
    ends.dispose();
    await data.release();
    throw error;
  }
}

async function compose(
  config: Config,
  around: Surroundings,
  data: DataFolder,
  home: string | null,
  ends: DisposableStore,
): Promise<RunningServer> {
  const logger = around.makeLogger(data.logFile);
  const clock = systemClock;
  const db = new MainDatabase(data.mainDatabase);
  ends.add(() => db.close());
  const old = oldHistory(around.env, { folder: data.blobs, logger });
  const log = await SqliteHistoryLog.open(data.historyDatabase, old ? { far: old.far } : {});
  const blobs = old?.blobs ?? new DiskBlobStore({ folder: data.blobs, logger });
  const tokens = new RunnerTokenTable(db);
  const peopleTable = new PeopleTable(db);
  const invitationTable = new InvitationTable(db);

  const projectTokens = new ProjectTokens(new ProjectTokenTable(db), peopleTable, clock);
  ends.add(projectTokens);
  await projectTokens.watchExpiry();
  const token = config.token ?? (await keptSecret(data.ownerToken));
  const vouchers = new Vouchers(await keptSecret(data.voucherKey));
  const people = new People({
    store: peopleTable,
    invitations: invitationTable,
    clock,
    ownerTokenHash: hashSecret(token),
  });
  const projects = new Projects({ store: new ProjectTable(db), clock, folder: data.projects });
  const owner = await people.ensureServerOwner('Owner');
  if (home !== null) await projects.serveFolder(home, owner.id);
  else if ((await projects.all()).length === 0) await makeFirstProject(projects, owner.id);

  const runnerProgram = around.runnerProgram ?? join(repository, 'packages/runner/src/main.ts');
  const extraEnv = { NODE_COMPILE_CACHE: around.env['NODE_COMPILE_CACHE'] ?? join(data.cache, 'node') };
  const socket = await makeRunnerSocket(data.path);
  const host = new LocalRunnerHost({
    program: runnerProgram,
    // a runner is many times on a machine: its idle memory counts more than the speed of its garbage collector
    nodeFlags: ['--max-semi-space-size=2'],
    folder: data.runners,
    address: socket.address,
    kernelPaths: [join(data.path, 'python', 'share', 'jupyter')],
    orphanHours: 12,
    env: around.env,
    extraEnv,
  });
  const settings = new SettingsTable(db);
  const steps = new StepStore({ log, steps: log, logger });
  const colorOf = async (person: PersonId) => (await peopleTable.person(person))?.color ?? null;
  const lag = watchLag();
  ends.add(lag);
  const newId = (length: number) =>
    randomBytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length);
  const events = new JupyterEvents({ clock, watchLiveness });
  const openProjects = new OpenProjects({
    projects,
    host,
    clock,
    logger,
    open: async (row) => {
      const project = new OpenProject(row, {
        log,
        blobs,
        kinds,
        steps,
        host,
        tokens,
        vouchers,
        clock,
        logger,
        random: Math.random,
        newId,
        lag: lag.ms,
      });
      events.watch(row.id, project.runner.answered);
      return project;
    },
  });
  const labRooms = new LabRooms({
    open: (project) => openProjects.get(project),
    log,
    blobs,
    access: (project) => settings.of(project),
    clock,
    logger,
    newId,
  });
  const keeping = historyKeeping({
    store: log,
    steps,
    blobs,
    kinds,
    open: (project) => openProjects.get(project),
    keepDays: (project) => settings.of(project).keepHistoryDays,
    purged: (document, isAsked) => labRooms.purged(document, isAsked),
    ...(old ? { mover: new HistoryMover({ store: log, ...old, clock, logger }) } : {}),
    clock,
    logger,
  });
  ends.add(keeping.upkeep);
  ends.add(keeping.results);
  const door = new RunnerDoor({
    tokens,
    logger,
    onRunner: async (link, hello) => (await openProjects.get(hello.project)).runner.attach(link, hello),
  });
  await door.listen(socket.path);
  ends.add(() => door.close());

  const links = new ClientLinks();
  projects.roleChanged.on((change) => links.roleChanged(change));
  people.sessionEnded.on(({ session }) => links.sessionEnded(session));
  const setup = new EnvironmentSetup({
    program: runnerProgram,
    data: data.path,
    env: around.env,
    extraEnv,
    logger,
  });
  ends.add(setup);
  setup.changed.on((state) => {
    links.broadcast({ t: 'setup', setup: state });
    around.onSetup(state);
  });

  const labFolder = config.jupyterlab ?? join(data.path, 'jupyterlab');
  const labBuilds = new LabFolder(labFolder, join(repository, 'jupyterlab'));
  const labSetup = new LabSetup({
    command: [
      join(repository, 'packages/server/src/commands/jupyterlab.ts'),
      '--json',
      '--folder',
      labFolder,
    ],
    builds: labBuilds,
    env: around.env,
    logger,
  });
  ends.add(labSetup);

  const sites = new SiteGuard(config);
  const authenticated = (headers: IncomingHttpHeaders, ip: string) =>
    authenticate(headers, ip, people, sites, projectTokens);
  const byCapability = (capability: string, ip: string) => projectTokens.byAddress(capability, ip);
  const roleIn = (project: ProjectId, principal: Principal) => projects.role(project, principal.person.id);
  const kernelSockets = new KernelSockets({
    open: (project) => openProjects.get(project),
    watchLiveness,
    clock,
    logger,
  });
  const terminalSockets = new TerminalSockets({
    open: (project) => openProjects.get(project),
    watchLiveness,
    logger,
  });
  const closeJupyterWhere = (isMeant: (client: EventClient) => boolean) => {
    kernelSockets.closeWhere(isMeant);
    events.closeWhere(isMeant);
    labRooms.closeWhere(isMeant);
    terminalSockets.closeWhere(isMeant);
  };
  projects.roleChanged.on(({ project, person }) =>
    closeJupyterWhere((client) => client.project === project && client.principal.person.id === person),
  );
  people.sessionEnded.on(({ session }) =>
    closeJupyterWhere((client) => client.principal.session === session),
  );
  projectTokens.revoked.on(({ token: id }) =>
    closeJupyterWhere((client) => client.principal.limits?.token === id),
  );
  const app = makeApp(
    [
      ...peopleRoutes({
        people,
        projects,
        setup: () => setup.state,
        onRenamed: (person) => links.personChanged(person),
      }),
      ...projectRoutes({ projects, invitations: new Invitations(invitationTable, clock) }),
      ...fileRoutes((project) => openProjects.get(project)),
      ...blobRoutes({ blobs }),
      ...historyRoutes({ history: new HistoryReader({ log, steps, colorOf }) }),
      ...gitRoutes((project) => openProjects.get(project)),
      ...keeping.routes,
      ...settingsRoutes(settings),
      ...projectTerminalRoutes((project) => openProjects.get(project)),
      ...tokenRoutes({ tokens: projectTokens, nameOf: (person) => people.nameOf(person) }),
      ...jupyterRoutes({
        open: (project) => openProjects.get(project),
        kinds,
        clock,
        newId,
        events,
        labRooms,
        config: new JupyterConfigTable(db),
        logger,
        homeOf: async (project) => (await projects.get(project)).home,
        tokens: projectTokens,
        byOwnerToken: ownerSignIn(people),
        endSession: (session) => people.endSession(session),
        trafficOf: (_, kernel) => kernelSockets.trafficOf(kernel),
        connections: (project) => kernelSockets.connections(project),
        rename: async (person, name) => {
          await people.rename(person, name);
          links.personChanged(person);
        },
      }),
      ...labPageRoutes({
        builds: labBuilds,
        preparation: labSetup,
        projectOf: async (project, principal) => {
          const role = await roleIn(project, principal);
          return role === null ? null : { name: (await projects.get(project)).name, role };
        },
        byOwnerToken: ownerSignIn(people),
      }),
      ...labApiRoutes({ builds: labBuilds, store: new LabTable(db), clock }),
      ...pageRoutes(new BuiltFiles(join(repository, 'packages/web/dist')), signInByLink(people), (token) =>
        projectTokens.isOne(token),
      ),
    ],
    {
      authenticate: authenticated,
      byCapability,
      only: () => projects.only,
      sites,
      logger,
      roleIn,
      accessIn: (project) => settings.of(project),
    },
  );
  const gate = new UpgradeGate({
    authenticate: authenticated,
    byCapability,
    only: () => projects.only,
    sites,
    roleIn,
    logger,
    accessIn: (project) => settings.of(project),
    doors: [kernelDoor(kernelSockets), events.door, roomDoor(labRooms), terminalSockets.door],
    onClient: (client, { project, principal, role }) => {
      void projects.markOpened(project, principal.person.id);
      links.add(
        new ClientLink({
          socket: client,
          project,
          person: principal.person,
          role,
          signIn: principal.session,
          access: () => settings.of(project),
          setup: () => setup.state,
          open: () => openProjects.get(project),
          logger,
        }),
      );
    },
  });
  gate.guard(app.server);
  const port = await listen(app, config.host, config.port);
  logger.info({ port, host: config.host }, 'ready');
  if (config.prepare) setup.start();
  else setup.skip();
  openProjects.reopenRunning().catch((error: unknown) => logger.error({ err: error }, 'not all reopened'));

  return {
    port,
    url: `http://${shownHost(config.host)}:${port}/?token=${encodeURIComponent(token)}`,
    close: async (runners) => {
      gate.close();
      kernelSockets.closeAll();
      events.closeAll();
      labRooms.closeAll();
      terminalSockets.closeAll();
      links.closeAll(1012, 'the server stops');
      setup.dispose();
      labSetup.dispose();
      keeping.upkeep.dispose();
      await keeping.upkeep.idle();
      await Promise.all([app.close(), openProjects.close(runners)]);
      await log.close();
      ends.dispose();
      await data.release();
      logger.info({ runners }, 'stopped');
    },
  };
}

/** After a signal the process ends within this time, whatever is still being written. */
const endWithinMs = 6_000;

/** Runs until a signal; resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let server: RunningServer;
  let ending: Promise<'SIGINT' | 'SIGTERM'>;
  try {
    const reading = readConfig(argv, process.env, process.cwd());
    if ('help' in reading) {
      process.stdout.write(reading.help);
      return 0;
    }
    const { config } = reading;
    server = await serve(config, {
      env: process.env,
      makeLogger: (file) => serverLog(file, config.logLevel),
      onSetup: setupOnTerminal(process.stderr),
    });
    process.on('uncaughtException', stopAfterFault);
    // Before anybody can know that it is ready: a signal that comes at once must drain, too.
    ending = endSignal();
    process.stdout.write(`Cahier is ready at ${server.url}\n`);
    tellNetworkAddress(config.host, server.port, process.stderr);
    if (config.open) {
      openBrowser(server.url, () =>
        process.stderr.write('No browser could be opened. Open the link yourself.\n'),
      );
    }
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    return 1;
  }
  const signal = await ending;
  const late = setTimeout(() => process.exit(signal === 'SIGINT' ? 0 : 1), endWithinMs);
  late.unref();
  insist();
  await server.close(signal === 'SIGINT' ? 'stop' : 'leave');
  return 0;
}

/** SIGINT (Ctrl-C at the terminal) ends everything; SIGTERM (an update, a restart) leaves kernels alive. */
function endSignal(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve('SIGINT'));
    process.once('SIGTERM', () => resolve('SIGTERM'));
  });
}

/** State that a fault has left behind is not trusted: everything acknowledged is on disk, and kernels go on. */
function stopAfterFault(error: Error): void {
  process.stderr.write(
    `Cahier stopped because of a fault of its own (${error.message}). Nothing that was saved is lost and kernels go on; start it again. The log has the details.\n`,
  );
  process.exit(1);
}

/** A second Ctrl-C ends at once; npm may send the first one twice. */
function insist(): void {
  const since = performance.now();
  process.on('SIGINT', () => {
    if (performance.now() - since > 1_000) process.exit(130);
  });
}

function sentenceOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return `Cahier could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
