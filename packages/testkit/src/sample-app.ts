/**
 * The HTTP edge with real people, real tables (in memory) and all routes, but with files that only exist here: for tests
 * of who may call what. One project, "Class", with a person in every role, and one who is in another project.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { assertNever } from '@cahier/base/assert-never.ts';
import {
  asDocumentId,
  asTerminalName,
  type DocumentId,
  type PersonId,
  type ProjectId,
} from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { RunnerCall, RunnerMethod } from '@cahier/protocol/runner/down.ts';
import { type CallResults, callResults } from '@cahier/protocol/runner/up.ts';
import { InvitationTable } from '@cahier/server/adapters/sqlite/invitation-table.ts';
import { JupyterConfigTable } from '@cahier/server/adapters/sqlite/jupyter-config-table.ts';
import { LabTable } from '@cahier/server/adapters/sqlite/lab-table.ts';
import { MainDatabase } from '@cahier/server/adapters/sqlite/main-database.ts';
import { PeopleTable } from '@cahier/server/adapters/sqlite/people-table.ts';
import { ProjectTokenTable } from '@cahier/server/adapters/sqlite/project-token-table.ts';
import { ProjectTable } from '@cahier/server/adapters/sqlite/project-table.ts';
import { blobRoutes } from '@cahier/server/blobs/routes.ts';
import { fileRoutes } from '@cahier/server/files/routes.ts';
import { HistoryReader } from '@cahier/server/history/reader.ts';
import { SettingsTable } from '@cahier/server/adapters/sqlite/settings-table.ts';
import { HistoryExport } from '@cahier/server/history/export.ts';
import { keepingRoutes } from '@cahier/server/projects/history-keeping-routes.ts';
import { readWhole } from '@cahier/server/runs/large-values.ts';
import { settingsRoutes } from '@cahier/server/projects/settings-routes.ts';
import { gitRoutes } from '@cahier/server/history/git-routes.ts';
import { historyRoutes } from '@cahier/server/history/routes.ts';
import { StepStore } from '@cahier/server/history/step-store.ts';
import { makeApp } from '@cahier/server/http/app.ts';
import { BuiltFiles } from '@cahier/server/http/built-files.ts';
import { SiteGuard } from '@cahier/server/http/origin.ts';
import { pageRoutes } from '@cahier/server/http/pages.ts';
import type { Principal } from '@cahier/server/http/principal.ts';
import type { Route } from '@cahier/server/http/route.ts';
import { authenticate } from '@cahier/server/people/authenticate.ts';
import { Invitations } from '@cahier/server/people/invitations.ts';
import { People } from '@cahier/server/people/people.ts';
import { peopleRoutes } from '@cahier/server/people/routes.ts';
import { hashSecret } from '@cahier/server/people/secrets.ts';
import { ProjectTokens } from '@cahier/server/people/project-tokens.ts';
import { projectTerminalRoutes } from '@cahier/server/terminals/routes.ts';
import { tokenRoutes } from '@cahier/server/people/token-routes.ts';
import { ownerSignIn, signInByLink } from '@cahier/server/people/sign-in-by-link.ts';
import { LabRooms } from '@cahier/server/jupyter/collaboration/lab-rooms.ts';
import { JupyterEvents } from '@cahier/server/jupyter/events.ts';
import type { JupyterProject } from '@cahier/server/jupyter/jupyter-project.ts';
import { labApiRoutes } from '@cahier/server/jupyter/lab/lab-api-routes.ts';
import type { LabBuild } from '@cahier/server/jupyter/lab/lab-build.ts';
import { labPageRoutes } from '@cahier/server/jupyter/lab/lab-page-routes.ts';
import { jupyterRoutes } from '@cahier/server/jupyter/routes.ts';
import { Rooms } from '@cahier/server/rooms/rooms.ts';
import { ProjectRuns } from '@cahier/server/runs/project-runs.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { SimProject } from './sim-project.ts';
import type { ProjectRow } from '@cahier/server/projects/project-store.ts';
import { Projects } from '@cahier/server/projects/projects.ts';
import { projectRoutes } from '@cahier/server/projects/routes.ts';
import type { CallAnswer, Runner } from '@cahier/server/runners/runner.ts';
import { type Logger, pino } from 'pino';
import type { z } from 'zod';
import { FakeClock } from './fake-clock.ts';
import { MemoryBlobStore } from './memory-blob-store.ts';
import { MemoryHistoryLog } from './memory-history-log.ts';
import { MemoryStepLog } from './memory-step-log.ts';

export type Who = 'owner' | 'editor' | 'viewer' | 'stranger';

export interface Member {
  readonly id: PersonId;
  /** Secret of a session. */
  readonly secret: string;
}

const resultSchemas: { readonly [M in RunnerMethod]: z.ZodType<CallResults[M]> } = callResults;

/** A project's files in a map; writes and names behave as the runner's do. */
export class SampleRunner implements Runner {
  readonly isConnected = true;
  readonly isExpected = true;
  readonly files = new Map<string, Uint8Array>();
  readonly calls: RunnerCall[] = [];
  /** Names of the shells that it has. */
  terminals: readonly string[] = [];

  ack(): void {}

  async call<C extends RunnerCall>(call: C, payload?: Uint8Array): Promise<CallAnswer<C['method']>> {
    this.calls.push(call);
    const { result, bytes } = this.#answer(call, payload ?? new Uint8Array(0));
    const method: C['method'] = call.method;
    return { result: resultSchemas[method].parse(result), payload: bytes ?? new Uint8Array(0) };
  }

  #answer(call: RunnerCall, payload: Uint8Array): { result: object; bytes?: Uint8Array } {
    switch (call.method) {
      case 'file.list':
        return { result: { entries: [...this.files.keys()].map((path) => entryOf(path)) } };
      case 'file.read': {
        const bytes = this.#existing(call.path);
        return { result: { hash: hashOf(bytes), modifiedAt: 0 }, bytes };
      }
      case 'file.write':
        if (call.ifHash === null && this.files.has(call.path)) {
          throw appError('file/exists', { details: { path: call.path } });
        }
        this.files.set(call.path, payload);
        return { result: { hash: hashOf(payload), modifiedAt: 0 } };
      case 'file.rename':
        this.files.set(call.to, this.#existing(call.from));
        this.files.delete(call.from);
        return { result: {} };
      case 'file.remove':
        this.#existing(call.path);
        this.files.delete(call.path);
        return { result: {} };
      case 'kernelspecs.list':
        return { result: { default: null, specs: [] } };
      case 'kernelspecs.resource':
        return { result: { mime: 'image/svg+xml' }, bytes: new TextEncoder().encode('<svg/>') };
      case 'file.stat': {
        const entry = this.files.has(call.path) ? entryOf(call.path) : null;
        return { result: { entry: call.path === '' ? { ...entryOf(''), type: 'directory' } : entry } };
      }
      case 'git.log':
        return { result: { git: 'no-repository', commits: [], isCut: false } };
      case 'git.show':
        throw appError('git/no-version', { details: { path: call.path, revision: call.revision } });
      case 'terminal.start':
        return { result: { terminal: call.terminal ?? '1' } };
      case 'terminal.list':
        return { result: { terminals: this.terminals.map((name) => ({ name, lastActivity: 0 })) } };
      case 'terminal.read':
        return { result: { at: 0 } };
      case 'nbconvert.list':
        return { result: { exporters: [{ name: 'html', mime: 'text/html' }] } };
      case 'nbconvert.convert':
        return { result: { mime: 'text/html', fileName: 'n.html' }, bytes: payload };
      case 'file.mkdir':
      case 'file.watch':
      case 'kernel.execute':
      case 'terminal.ack':
      case 'terminal.end':
      case 'terminal.resize':
      case 'terminal.type':
      case 'terminal.watch':
      case 'kernel.hold':
      case 'kernel.input':
      case 'kernel.interrupt':
      case 'kernel.request':
      case 'kernel.restart':
      case 'kernel.listen':
      case 'kernel.send':
      case 'kernel.shutdown':
      case 'kernel.start':
        return { result: {} };
      default:
        return assertNever(call);
    }
  }

  #existing(path: string): Uint8Array {
    const bytes = this.files.get(path);
    if (!bytes) throw appError('file/not-found', { details: { path } });
    return bytes;
  }
}

export interface SampleApp {
  readonly app: ReturnType<typeof makeApp>;
  readonly routes: readonly Route[];
  readonly people: People;
  readonly projects: Projects;
  readonly invitations: Invitations;
  readonly sites: SiteGuard;
  readonly clock: FakeClock;
  readonly logger: Logger;
  /** Everything that was logged. */
  readonly logged: () => string;
  readonly token: string;
  readonly project: ProjectRow;
  readonly projectTokens: ProjectTokens;
  readonly document: DocumentId;
  readonly runner: SampleRunner;
  readonly members: Readonly<Record<Who, Member>>;
  /** Paths that rooms were told of. */
  readonly told: string[];
  readonly renamed: PersonId[];
  readonly web: string;
  readonly authenticate: Parameters<typeof makeApp>[1]['authenticate'];
  readonly byCapability: Parameters<typeof makeApp>[1]['byCapability'];
  readonly roleIn: Parameters<typeof makeApp>[1]['roleIn'];
  /** As if the server had been started on this project's folder; null: on none. */
  startOn(project: ProjectId | null): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';

export async function sampleApp(): Promise<SampleApp> {
  const folder = await mkdtemp(join(tmpdir(), 'cahier-app-'));
  const clock = new FakeClock();
  const log: string[] = [];
  const logger = pino(
    { level: 'trace' },
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        log.push(chunk.toString('utf8'));
        done();
      },
    }),
  );
  const db = new MainDatabase(':memory:');
  const peopleTable = new PeopleTable(db);
  const invitationTable = new InvitationTable(db);
  const token = 'the-owners-token-which-is-long';
  const people = new People({
    store: peopleTable,
    invitations: invitationTable,
    clock,
    ownerTokenHash: hashSecret(token),
  });
  const projects = new Projects({ store: new ProjectTable(db), clock, folder });
  const invitations = new Invitations(invitationTable, clock);
  const owner = await people.ensureServerOwner('Ada');
  const project = await projects.create('Class', owner.id);

  const join_ = async (to: ProjectRow, role: 'editor' | 'viewer', name: string): Promise<Member> => {
    const { secret } = await invitations.make(to.id, owner.id, { role, expiresInHours: 1, uses: 1 });
    const { person } = await people.join(secret, name, null, async () => false, '127.0.0.9');
    return { id: person, secret: await people.startSession(person) };
  };
  const elsewhere = await projects.create('Elsewhere', owner.id);
  const members = {
    owner: { id: owner.id, secret: await people.startSession(owner.id) },
    editor: await join_(project, 'editor', 'Ed'),
    viewer: await join_(project, 'viewer', 'Vi'),
    stranger: await join_(elsewhere, 'editor', 'Sam'),
  };

  const historyLog = new MemoryHistoryLog();
  const document = asDocumentId('d1');
  await historyLog.commit({
    documents: [{ id: document, kind: 'text', path: 'a.txt', epoch: 'e', project: project.id }],
  });
  const steps = new StepStore({ log: historyLog, steps: new MemoryStepLog() });
  const history = new HistoryReader({ log: historyLog, steps, colorOf: async () => null });
  const settings = new SettingsTable(db);
  const blobs = new MemoryBlobStore();
  const runner = new SampleRunner();
  runner.terminals = ['1'];
  const told: string[] = [];
  const renamed: PersonId[] = [];
  const sites = new SiteGuard({ host, allowHost: [], allowOrigin: ['https://notes.example'] });
  let only: ProjectId | null = null;
  const authenticated: SampleApp['authenticate'] = (headers, ip) =>
    authenticate(headers, ip, people, sites, projectTokens);
  const byCapability: SampleApp['byCapability'] = (capability, ip) => projectTokens.byAddress(capability, ip);
  const roleIn = (id: ProjectRow['id'], principal: Principal) => projects.role(id, principal.person.id);
  const projectTokens = new ProjectTokens(new ProjectTokenTable(db), peopleTable, clock);
  const sim = new SimProject();
  const rooms = new Rooms({ ...sim.parts(), runner, clock });
  const runs = new ProjectRuns({
    ...sim.parts(),
    project: project.id,
    runner,
    blobs,
    log: historyLog,
    openRoom: async (path) => void (await rooms.open(path)),
    clock,
    logger,
  });
  const jupyterProject: JupyterProject = {
    runner,
    rooms,
    runs,
    terminals: {
      list: async () => [],
      start: async (name) => ({ name: name ?? asTerminalName('1'), lastActivity: 0 }),
      find: async (name) => ({ name: asTerminalName(name), lastActivity: 0 }),
      end: async () => undefined,
    },
    showFolder: () => undefined,
    settle: async () => undefined,
    renamed: () => undefined,
    removed: () => undefined,
  };
  const build: LabBuild = {
    key: '0123456789abcdef',
    version: '4.6.4',
    entry: 'assets/lab.js',
    style: null,
    replaced: [],
    settings: new Map([
      [
        '@sample/part:plugin',
        {
          version: '1.0.0',
          schema: {
            'jupyter.lab.setting-icon': 'ui-components:settings',
            type: 'object',
            properties: { a: { type: 'number' } },
            additionalProperties: false,
          },
        },
      ],
    ]),
    files: new BuiltFiles(join(folder, 'lab')),
  };
  const lab = {
    current: async () => build,
    byKey: async (key: string) => (key === build.key ? build : null),
  };
  const routes = [
    ...peopleRoutes({
      people,
      projects,
      setup: () => ({ phase: 'ready', message: '' }),
      onRenamed: (person) => renamed.push(person),
    }),
    ...projectRoutes({ projects, invitations }),
    ...fileRoutes(async () => ({
      runner,
      showFolder: (path) => told.push(`shown ${path}`),
      settle: async (path) => void told.push(`settled ${path}`),
      renamed: (from, to) => void told.push(`renamed ${from} ${to}`),
      removed: (path) => void told.push(`removed ${path}`),
    })),
    ...blobRoutes({ blobs }),
    ...historyRoutes({ history }),
    ...gitRoutes(async () => ({ runner })),
    ...keepingRoutes({
      exports: new HistoryExport({ log: historyLog, steps, blobs, readWhole, clock }),
      purge: { purge: async (_, id, from, to) => told.push(`purged ${id} ${from} ${to}`) },
      histories: { list: async () => [], exportAll: async function* () {} },
      names: { list: async () => [], name: async (_, id, seq) => void told.push(`named ${id} ${seq}`) },
      deleted: { list: async () => [], recover: async (_, id, path) => path ?? `${id}.txt` },
    }),
    ...settingsRoutes(settings),
    ...projectTerminalRoutes(async () => jupyterProject),
    ...tokenRoutes({ tokens: projectTokens, nameOf: (person) => people.nameOf(person) }),
    ...jupyterRoutes({
      open: async () => jupyterProject,
      kinds,
      clock,
      newId: (length) => 'a'.repeat(length),
      config: new JupyterConfigTable(db),
      logger,
      homeOf: async () => '/home/class',
      labRooms: new LabRooms({
        open: async () => ({ ...jupyterProject, id: project.id, recorder: sim.parts().recorder }),
        log: historyLog,
        blobs,
        access: (id) => settings.of(id),
        clock,
        logger,
        newId: (length) => 'b'.repeat(length),
      }),
      events: new JupyterEvents({ clock, watchLiveness: () => ({ dispose: () => undefined }) }),
      tokens: projectTokens,
      byOwnerToken: ownerSignIn(people),
      endSession: (session) => people.endSession(session),
      trafficOf: () => ({ connections: 0, state: null, lastActivity: 0 }),
      connections: () => 0,
      rename: (person, name) => people.rename(person, name),
    }),
    ...labPageRoutes({
      builds: lab,
      preparation: { state: async () => ({ phase: 'absent' }), start: () => told.push('JupyterLab') },
      projectOf: async (id, principal) => {
        const role = await roleIn(id, principal);
        return role === null ? null : { name: 'Class', role };
      },
      byOwnerToken: ownerSignIn(people),
    }),
    ...labApiRoutes({ builds: lab, store: new LabTable(db), clock }),
    ...pageRoutes(new BuiltFiles(folder), signInByLink(people), (token) => projectTokens.isOne(token)),
  ];
  const app = makeApp(routes, {
    authenticate: authenticated,
    byCapability,
    only: () => only,
    sites,
    logger,
    roleIn,
    accessIn: (id) => settings.of(id),
  });
  return {
    app,
    routes,
    people,
    projects,
    invitations,
    sites,
    clock,
    logger,
    logged: () => log.join(''),
    token,
    project,
    projectTokens,
    document,
    runner,
    members,
    told,
    renamed,
    web: folder,
    authenticate: authenticated,
    byCapability,
    startOn: (id) => {
      only = id;
    },
    roleIn,
    close: async () => {
      await app.close();
      db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Headers of a request from one of our own pages. */
export function fromOwnPage(member: Member | null): Record<string, string> {
  return {
    host: 'localhost:8400',
    origin: 'http://localhost:8400',
    'sec-fetch-site': 'same-origin',
    ...(member ? { cookie: `cahier-8400=${member.secret}` } : {}),
  };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function entryOf(path: string) {
  return { name: path, path, type: 'file' as const, size: 0, modifiedAt: 0, isWritable: true };
}
