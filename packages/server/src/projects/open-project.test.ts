import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  asPersonId,
  asKernelId,
  asProjectId,
  asRunnerId,
  asSessionId,
  type DocumentId,
} from '@cahier/base/ids.ts';
import type { Action } from '@cahier/core/access/rights.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { type DownFrame, down } from '@cahier/protocol/client/down.ts';
import { decodeFrame } from '@cahier/protocol/frame.ts';
import { FakeClock, settled } from '@cahier/testkit/fake-clock.ts';
import { MemoryBlobStore } from '@cahier/testkit/memory-blob-store.ts';
import { MemoryHistoryLog } from '@cahier/testkit/memory-history-log.ts';
import { MemoryStepLog } from '@cahier/testkit/memory-step-log.ts';
import { SampleHost } from '@cahier/testkit/sample-wire.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { MainDatabase } from '../adapters/sqlite/main-database.ts';
import { PeopleTable } from '../adapters/sqlite/people-table.ts';
import { ProjectTable } from '../adapters/sqlite/project-table.ts';
import { RunnerTokenTable } from '../adapters/sqlite/runner-token-table.ts';
import { StepStore } from '../history/step-store.ts';
import { type NounFrame, takeFrame } from '../link/frame-table.ts';
import type { RoomSession } from '../rooms/room-session.ts';
import { OpenProject } from './open-project.ts';
import { OpenProjects } from './open-projects.ts';
import type { ProjectRow } from './project-store.ts';
import { Projects } from './projects.ts';
import { Vouchers } from '../rooms/vouchers.ts';

const logger = pino({ level: 'silent' });
const empty = new Uint8Array(0);
const kernel = { e: 'kernel.status' } as const;

class Tab implements RoomSession {
  readonly id;
  readonly person;
  readonly frames: DownFrame[] = [];
  readonly payloads: Uint8Array[] = [];

  constructor(name: string) {
    this.id = asSessionId(name);
    this.person = { id: asPersonId(name), name, color: '#000' };
  }

  may(_action: Action): boolean {
    return true;
  }

  send(frame: DownFrame, payload: Uint8Array = empty): void {
    this.frames.push(frame);
    this.payloads.push(payload);
  }

  sendEncoded(bytes: Uint8Array): void {
    const { header, payload } = decodeFrame(bytes);
    this.send(down.parse(header), payload);
  }

  of<T extends DownFrame['t']>(t: T): Extract<DownFrame, { t: T }>[] {
    return this.frames.filter((frame): frame is Extract<DownFrame, { t: T }> => frame.t === t);
  }
}

let folder = '';
let db: MainDatabase;
let clock: FakeClock;
let log: MemoryHistoryLog;
let host: SampleHost;
let projects: Projects;
let row: ProjectRow;
let open: OpenProjects;
let opened: OpenProject[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-open-'));
  db = new MainDatabase(':memory:');
  clock = new FakeClock();
  log = new MemoryHistoryLog();
  opened = [];
  const tokens = new RunnerTokenTable(db);
  host = new SampleHost((wire, hello) => {
    void open.get(hello.project).then((project) => project.runner.attach(wire, hello));
  });
  projects = new Projects({ store: new ProjectTable(db), clock, folder });
  await new PeopleTable(db).addPerson({
    id: asPersonId('ada'),
    name: 'Ada',
    color: '#000',
    isServerOwner: true,
    createdAt: 0,
  });
  row = await projects.create('Class', asPersonId('ada'));
  let ids = 0;
  open = new OpenProjects({
    projects,
    host,
    clock,
    logger,
    open: async (which) => {
      const project = new OpenProject(which, {
        log,
        blobs: new MemoryBlobStore(),
        kinds,
        steps: new StepStore({ log, steps: new MemoryStepLog() }),
        host,
        tokens,
        vouchers: new Vouchers('of the test'),
        clock,
        logger,
        random: () => 0.5,
        newId: (length) => {
          ids += 1;
          return ids.toString(16).padStart(length, '0');
        },
        lag: () => 0,
      });
      opened.push(project);
      return project;
    },
  });
  host.runner.files.set('a.txt', new TextEncoder().encode('hello'));
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true, force: true });
});

/** Waits in fake time for what takes several turns. */
const until = (check: () => void) =>
  vi.waitFor(async () => {
    await clock.pass(200);
    check();
  });

async function take(
  project: OpenProject,
  tab: Tab,
  frame: NounFrame,
  payload: Uint8Array = empty,
): Promise<unknown> {
  return takeFrame(project.frames, tab, frame, payload);
}

async function openText(
  project: OpenProject,
  tab: Tab,
  path = 'a.txt',
): Promise<{ doc: DocumentId; ydoc: Y.Doc }> {
  const opening = take(project, tab, { t: 'doc.open', id: 1, path });
  await until(() => expect(tab.of('doc.opened')).toHaveLength(1));
  await opening;
  const [frame] = tab.of('doc.opened');
  if (!frame) throw new Error('not opened');
  const payload = tab.payloads[tab.frames.indexOf(frame)] ?? empty;
  const ydoc = new Y.Doc();
  Y.applyUpdate(ydoc, payload.subarray(frame.parts[0]));
  return { doc: frame.doc, ydoc };
}

describe('an open project', () => {
  it('brings an edit of one to the other, to the disk, and says saved', async () => {
    const project = await open.get(row.id);
    const [ada, bob] = [new Tab('ada'), new Tab('bob')];
    project.enter(ada);
    project.enter(bob);
    const { doc, ydoc } = await openText(project, ada, './a.txt');
    await openText(project, bob);
    let update: Uint8Array = empty;
    ydoc.on('update', (bytes: Uint8Array) => {
      update = bytes;
    });
    ydoc.getText('text').insert(5, ', Bob');
    await take(
      project,
      ada,
      { t: 'doc.update', doc, n: 1, parts: [update.length], origins: ['typing'] },
      update,
    );
    await until(() => {
      expect(bob.of('doc.update')).toHaveLength(1);
      expect(ada.of('doc.saved')).toMatchObject([{ n: 1 }]);
      expect(new TextDecoder().decode(host.runner.files.get('a.txt'))).toBe('hello, Bob');
    });
  });

  it('lets nobody act on a document they have not opened', async () => {
    const project = await open.get(row.id);
    const [ada, eve] = [new Tab('ada'), new Tab('eve')];
    project.enter(ada);
    project.enter(eve);
    const { doc } = await openText(project, ada);
    await expect(take(project, eve, { t: 'doc.restore', id: 1, doc, seq: 1 })).rejects.toMatchObject({
      code: 'document/not-found',
    });
    await expect(take(project, eve, { t: 'kernel.restart', id: 1, doc })).rejects.toMatchObject({
      code: 'document/not-found',
    });
    await take(project, eve, { t: 'doc.update', doc, n: 1, parts: [0], origins: ['typing'] });
    expect(eve.of('doc.resync')).toEqual([{ t: 'doc.resync', doc }]);
  });

  it('refuses paths that leave the project, and documents that were deleted', async () => {
    const project = await open.get(row.id);
    const tab = new Tab('ada');
    for (const path of ['../x', '/etc/passwd', '/deleted/1/a.txt']) {
      await expect(take(project, tab, { t: 'doc.open', id: 1, path })).rejects.toMatchObject({
        code: 'file/outside',
      });
    }
  });

  it('shows the text of a file that cannot be edited, and not the bytes of what is no text', async () => {
    host.runner.files.set('bad.ipynb', new TextEncoder().encode('{"cells": [é'));
    host.runner.files.set('bin.ipynb', new Uint8Array([0, 1, 255]));
    host.runner.files.set('long.ipynb', new TextEncoder().encode(`é${'é'.repeat(1024 * 1024)}`));
    const project = await open.get(row.id);
    const tab = new Tab('ada');
    project.enter(tab);
    for (const path of ['bad.ipynb', 'bin.ipynb', 'long.ipynb']) {
      await take(project, tab, { t: 'doc.open', id: 7, path });
    }
    expect(tab.of('doc.refused')).toMatchObject([
      { re: 7, path: 'bad.ipynb', isText: true, error: { code: 'notebook/not-json' } },
      { re: 7, path: 'bin.ipynb', isText: false },
      { re: 7, path: 'long.ipynb', isText: true },
    ]);
    expect(new TextDecoder().decode(tab.payloads[0])).toBe('{"cells": [é');
    expect(tab.payloads.map((bytes) => bytes.length)).toEqual([13, 0, 1024 * 1024]);
  });

  it('forgets whoever leaves, also while a document is being opened for them', async () => {
    const project = await open.get(row.id);
    const [ada, bob] = [new Tab('ada'), new Tab('bob')];
    project.enter(bob);
    const { doc } = await openText(project, bob);
    const here = project.enter(ada);
    const opening = take(project, ada, { t: 'doc.open', id: 1, path: 'a.txt' });
    here.dispose();
    await opening;
    expect(project.rooms.byDocument(doc)?.seats).toBe(1);
    expect(bob.of('presence').at(-1)).toMatchObject({ left: true });
  });

  it('watches open documents and shown folders, and tells everybody what changed', async () => {
    const project = await open.get(row.id);
    const tab = new Tab('ada');
    project.enter(tab);
    await openText(project, tab);
    project.showFolder('sub');
    project.showFolder('sub');
    await settled();
    const watches = host.runner.calls.filter(({ method }) => method === 'file.watch');
    expect(watches.at(-1)).toEqual({ method: 'file.watch', files: ['a.txt'], folders: ['sub'] });
    host.wire?.signal({ s: 'files.changed', files: [], folders: ['sub'] });
    expect(tab.of('files.changed')).toEqual([{ t: 'files.changed', folders: ['sub'] }]);
  });

  it('says that the disk is full to those who are here and to those who come, until it is over', async () => {
    const project = await open.get(row.id);
    const ada = new Tab('ada');
    project.enter(ada);
    const { doc, ydoc } = await openText(project, ada);
    let update: Uint8Array = empty;
    ydoc.on('update', (bytes: Uint8Array) => {
      update = bytes;
    });
    log.failNext(3);
    ydoc.getText('text').insert(0, 'x');
    await take(
      project,
      ada,
      { t: 'doc.update', doc, n: 1, parts: [update.length], origins: ['typing'] },
      update,
    );
    await until(() => expect(ada.of('storage')).toMatchObject([{ error: { code: 'history/not-durable' } }]));
    const late = new Tab('late');
    project.enter(late);
    expect(late.of('storage')).toMatchObject([{ error: { code: 'history/not-durable' } }]);
    await until(() => expect(late.of('storage').at(-1)).toEqual({ t: 'storage', error: null }));
    expect(ada.of('doc.saved')).toMatchObject([{ n: 1 }]);
  });
});

describe('the life of open projects', () => {
  const minutes = 60_000;

  it('is shared by all who ask at once, and by the runner that dials', async () => {
    const [first, second] = await Promise.all([open.get(row.id), open.get(row.id)]);
    expect(first).toBe(second);
    await first.runner.call({ method: 'file.list', path: '' });
    expect([opened.length, host.starts.length]).toEqual([1, 1]);
    await expect(open.get(asProjectId('none'))).rejects.toMatchObject({ code: 'project/not-found' });
  });

  it('ends ten minutes after the last one has left, with the runner, and begins anew', async () => {
    const project = await open.get(row.id);
    const here = project.enter(new Tab('ada'));
    await project.runner.call({ method: 'file.list', path: '' });
    await clock.pass(30 * minutes);
    expect(await open.get(row.id)).toBe(project);
    here.dispose();
    await clock.pass(9 * minutes);
    expect(host.wire?.said.some(({ t }) => t === 'stop')).toBe(false);
    await clock.pass(3 * minutes);
    await until(() => expect(host.wire?.said.some(({ t }) => t === 'stop')).toBe(true));
    await clock.pass(1 * minutes);
    expect(await open.get(row.id)).not.toBe(project);
  });

  it('goes on while a kernel lives, though nobody is there', async () => {
    const project = await open.get(row.id);
    await project.runner.call({ method: 'file.list', path: '' });
    host.wire?.event({ ...kernel, kernel: asKernelId('kernel-of-notebook-d-1'), status: 'idle' });
    await clock.pass(60 * minutes);
    expect(await open.get(row.id)).toBe(project);
  });

  it('leaves the runner alive when only the server ends', async () => {
    const project = await open.get(row.id);
    await project.runner.call({ method: 'file.list', path: '' });
    const closing = open.close('leave');
    await clock.pass(1_000);
    await closing;
    expect(host.wire?.said.some(({ t }) => t === 'stop')).toBe(false);
    expect(await host.find()).not.toBeNull();
    await expect(open.get(row.id)).rejects.toMatchObject({ code: 'server/stopping' });
  });

  it('begins unasked where a runner is alive', async () => {
    await open.reopenRunning();
    expect(opened).toHaveLength(0);
    await host.start({ project: row.id, runner: asRunnerId('r'), token: 't', home: '/' });
    await open.reopenRunning();
    expect(opened).toHaveLength(1);
    expect(opened[0]?.runner.isExpected).toBe(true);
  });
});
