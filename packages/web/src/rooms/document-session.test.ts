import { asProjectId, asSessionId } from '@cahier/base/ids.ts';
import { emptyStoredReplica, type PersistChange, type StoredReplica } from '@cahier/core/rooms/replica.ts';
import { down, type DownFrameOf } from '@cahier/protocol/client/down.ts';
import type { UpFrame } from '@cahier/protocol/client/up.ts';
import { joinPayload } from '@cahier/protocol/frame.ts';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { LinkState, Received } from '../link/project-link.ts';
import { DocumentSession, type SessionLink, type SessionLoss } from './document-session.ts';
import type { DocumentRow } from './replica-storage.ts';
import { Store } from './store.ts';

const row: DocumentRow = {
  project: 'p',
  path: 'a.txt',
  doc: 'd1',
  kind: 'text',
  epoch: 'e1',
  mayEdit: true,
  openedAt: 1,
};

function openState(): LinkState {
  const welcome = down.parse({
    t: 'welcome',
    mayReadHistory: true,
    session: 's1',
    person: { id: 'me', name: 'Ada', color: '#000' },
    role: 'editor',
    setup: { phase: 'ready', message: '' },
    protocol: 1,
  });
  if (welcome.t !== 'welcome') throw new Error('not a welcome');
  return { phase: 'open', welcome };
}

/** The server's side of one document, as far as a session sees it. */
class Place {
  readonly remote = new Y.Doc();
  readonly sent: { frame: UpFrame; payload: Uint8Array }[] = [];
  readonly persisted: PersistChange[] = [];
  readonly losses: SessionLoss[] = [];
  readonly state = new Store<LinkState>({ phase: 'waiting' });
  readonly ydoc = new Y.Doc();
  readonly session: DocumentSession;
  answer: Partial<DownFrameOf<'doc.opened'>> = {};
  #listeners = new Set<(received: Received) => void>();

  constructor(stored: StoredReplica = { ...emptyStoredReplica, epoch: 'e1' }) {
    const link: SessionLink = {
      project: asProjectId('p'),
      tab: 'tab1',
      state: this.state,
      get isOpen() {
        return state.get().phase === 'open';
      },
      on: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      send: (frame, payload = new Uint8Array(0)) => {
        if (!link.isOpen) return false;
        this.sent.push({ frame, payload });
        return true;
      },
      request: async (frame, payload = new Uint8Array(0)) => {
        this.sent.push({ frame: { ...frame, id: this.sent.length }, payload });
        return frame.t === 'doc.open' ? this.#opened(payload) : reply();
      },
    };
    const { state } = this;
    this.session = new DocumentSession({
      row,
      ydoc: this.ydoc,
      stored,
      link,
      keeper: {
        persist: (change) => this.persisted.push(change),
        row: () => undefined,
        live: () => undefined,
        dispose: () => undefined,
      },
      onLoss: (loss) => this.losses.push(loss),
    });
    this.session.begin();
  }

  async connect(): Promise<void> {
    this.state.set(openState());
    await settled();
  }

  cut(): void {
    this.state.set({ phase: 'waiting' });
  }

  tell(frame: object, payload: Uint8Array = new Uint8Array(0)): void {
    const parsed = down.parse(frame);
    for (const listener of [...this.#listeners]) listener({ frame: parsed, payload });
  }

  updates() {
    return this.sent.flatMap(({ frame }) => (frame.t === 'doc.update' ? [frame] : []));
  }

  get text(): string {
    return this.ydoc.getText('text').toJSON();
  }

  #opened(vector: Uint8Array): Received {
    const parts = [
      Y.encodeStateVector(this.remote),
      vector.length > 0 ? Y.encodeStateAsUpdate(this.remote, vector) : Y.encodeStateAsUpdate(this.remote),
    ];
    const frame = down.parse({
      t: 'doc.opened',
      vouchers: [],
      re: 1,
      doc: 'd1',
      path: 'a.txt',
      kind: 'text',
      epoch: 'e1',
      mayEdit: true,
      seq: 3,
      peers: [],
      file: { state: 'written' },
      parts: parts.map((part) => part.length),
      ...this.answer,
    });
    return { frame, payload: joinPayload(parts) };
  }
}

function reply(): Received {
  return { frame: down.parse({ t: 'reply', re: 1, result: { fine: true } }), payload: new Uint8Array(0) };
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

describe('DocumentSession', () => {
  it('brings what the server has, sends what is typed with its origin, and is saved when the server says so', async () => {
    const place = new Place();
    place.remote.getText('text').insert(0, 'hello');
    expect(place.session.status.get()).toEqual({ state: 'offline', unsent: 0 });
    await place.connect();
    expect(place.text).toBe('hello');
    expect(place.session.status.get().state).toBe('saved');

    place.ydoc.transact(() => place.ydoc.getText('text').insert(5, '!'), { clientOrigin: 'paste' });
    expect(place.session.status.get()).toEqual({ state: 'saving', unsent: 1 });
    expect(place.updates()).toMatchObject([{ doc: 'd1', n: 1, origins: ['paste'] }]);
    place.tell({ t: 'doc.saved', doc: 'd1', n: 1, seq: 4 });
    expect(place.session.status.get()).toEqual({ state: 'saved', unsent: 0 });
  });

  it('keeps edits made while offline, counts them, and sends all of them when the link is back', async () => {
    const place = new Place();
    await place.connect();
    place.cut();
    for (const letter of 'abc') place.ydoc.getText('text').insert(0, letter);
    expect(place.session.status.get()).toEqual({ state: 'offline', unsent: 3 });
    expect(place.updates()).toEqual([]);
    expect(place.persisted.filter((change) => change.p === 'local')).toHaveLength(3);
    await place.connect();
    expect(place.updates()).toMatchObject([{ n: 3, origins: ['offline', 'offline', 'offline'] }]);
  });

  it('takes edits of others and the presence of others', async () => {
    const place = new Place();
    await place.connect();
    place.remote.getText('text').insert(0, 'from afar');
    const sealed = {
      durable: 3,
      vouchers: [{ person: null, name: 'Bo', session: 's2', origin: 'typing', seal: 's' }],
    };
    place.tell({ t: 'doc.update', doc: 'd1', seq: 4, ...sealed }, Y.encodeStateAsUpdate(place.remote));
    place.tell({ t: 'doc.update', doc: 'another', seq: 9, ...sealed }, new Uint8Array([9, 9]));
    expect(place.text).toBe('from afar');
    expect(place.updates()).toEqual([]);
    const peer = { session: 's2', person: { id: 'bo', name: 'Bo', color: '#111' }, state: null };
    place.tell({ t: 'presence', doc: 'd1', peer });
    expect(place.session.presence.peers().map((known) => known.session)).toEqual([asSessionId('s2')]);
    place.cut();
    expect(place.session.presence.peers()).toEqual([]);
  });

  it('does not merge into another history: it hands over what was never sent', async () => {
    const place = new Place();
    place.ydoc.getText('text').insert(0, 'mine');
    place.answer = { epoch: 'e2' };
    await place.connect();
    expect(place.losses).toMatchObject([{ why: 'end', end: { why: 'epoch', lost: [{ n: 1 }] } }]);
    expect(place.text).toBe('mine');
    expect(place.updates()).toEqual([]);
  });

  it('says when another document has taken its path, when its rights changed, and when it was refused', async () => {
    const replaced = new Place();
    replaced.answer = { doc: otherDoc() };
    await replaced.connect();
    expect(replaced.losses).toEqual([{ why: 'replaced' }]);

    const viewer = new Place();
    viewer.answer = { mayEdit: false };
    await viewer.connect();
    expect(viewer.losses).toEqual([{ why: 'rights' }]);
    expect(viewer.session.mayEdit).toBe(false);

    const rejected = new Place();
    await rejected.connect();
    rejected.ydoc.getText('text').insert(0, 'no');
    const error = { code: 'access/forbidden', kind: 'forbidden', message: 'You may not edit here.' };
    rejected.tell({ t: 'doc.rejected', doc: 'd1', n: 1, error });
    expect(rejected.losses).toMatchObject([{ why: 'end', message: 'You may not edit here.' }]);
  });

  it('asks again with its vector after a resync, and answers requests', async () => {
    const place = new Place();
    await place.connect();
    place.remote.getText('text').insert(0, 'missed');
    place.tell({ t: 'doc.resync', doc: 'd1' });
    await settled();
    expect(place.text).toBe('missed');
    expect(await place.session.request({ t: 'kernel.interrupt' })).toEqual({ fine: true });
    place.cut();
    await expect(place.session.request({ t: 'kernel.interrupt' })).rejects.toMatchObject({
      code: 'link/offline',
    });
  });
});

function otherDoc() {
  const frame = down.parse({ t: 'doc.resync', doc: 'd2' });
  if (frame.t !== 'doc.resync') throw new Error('not a resync');
  return frame.doc;
}
