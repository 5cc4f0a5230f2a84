/**
 * Histories to test against: several people edit one notebook through their own replicas, with lag, and the server
 * orders what arrives. The same seed gives the same log. Also makes broken cells now and then, as a hostile peer might.
 */
import {
  asBlobHash,
  asCellId,
  asDocumentId,
  asPersonId,
  asRunId,
  asSessionId,
  type CellId,
} from '@cahier/base/ids.ts';
import type { Entry, EntryAuthor, Origin } from '@cahier/core/history/entry.ts';
import {
  cellsMap,
  cellText,
  changeType,
  deleteCells,
  insertCell,
  mergeCells,
  moveCells,
  orderedCells,
  setAttachment,
  setCellMetadata,
  setNotebookMetadata,
  splitCell,
} from '@cahier/core/notebooks/source-doc.ts';
import * as Y from 'yjs';
import { SeededRandom } from './seeded-random.ts';

export interface TraceOptions {
  readonly seed: number;
  /** Entries to make, about. */
  readonly entries: number;
  readonly people?: number;
  /** Share of broken writes. */
  readonly broken?: number;
  /** Only these kinds of edits; default: all. */
  readonly acts?: readonly Act[];
}

export type Act =
  | 'type'
  | 'erase'
  | 'insert'
  | 'delete'
  | 'move'
  | 'split'
  | 'merge'
  | 'retype'
  | 'undo'
  | 'metadata'
  | 'run';

const weights: Record<Act, number> = {
  type: 60,
  erase: 10,
  insert: 5,
  delete: 2,
  move: 4,
  split: 2,
  merge: 1,
  retype: 2,
  undo: 6,
  metadata: 3,
  run: 5,
};

const allActs = [
  'type',
  'erase',
  'insert',
  'delete',
  'move',
  'split',
  'merge',
  'retype',
  'undo',
  'metadata',
  'run',
] as const satisfies readonly Act[];

interface Peer {
  readonly author: EntryAuthor;
  readonly doc: Y.Doc;
  readonly undo: Y.UndoManager;
  readonly outbox: { readonly update: Uint8Array; readonly origin: Origin }[];
  /** How much of the server's log the peer has. */
  seen: number;
}

/** A log as the server has it, from an empty document on. */
export function makeTrace({ seed, entries: wanted, people = 3, broken = 0.01, acts }: TraceOptions): Entry[] {
  const random = new SeededRandom(seed);
  const document = asDocumentId('trace');
  const log: Entry[] = [];
  const updates: Uint8Array[] = [];
  let at = Date.UTC(2026, 0, 1);
  const likely = { ...weights };
  for (const kind of allActs) if (acts && !acts.includes(kind)) likely[kind] = 0;

  const peers = Array.from({ length: people }, (_, i): Peer => {
    const doc = new Y.Doc();
    doc.clientID = seed * 100 + i + 1;
    const outbox: Peer['outbox'] = [];
    const author = {
      person: asPersonId(`person-${i}`),
      name: `Person ${i}`,
      session: asSessionId(`session-${i}`),
    };
    const undo = new Y.UndoManager([cellsMap(doc)], {
      trackedOrigins: new Set(['typing', 'structure', 'rearrangement']),
      captureTimeout: 0,
    });
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'server') return;
      outbox.push({
        update,
        origin:
          origin === undo ? 'undo' : origin === 'structure' || origin === 'rearrangement' ? origin : 'typing',
      });
    });
    return { author, doc, undo, outbox, seen: 0 };
  });

  const send = (peer: Peer, count: number) => {
    for (const { update, origin } of peer.outbox.splice(0, count)) {
      at += random.chance(0.02) ? random.below(600_000) : random.below(400);
      updates.push(update);
      log.push({ document, seq: log.length + 1, at, author: peer.author, origin, kind: 'update', update });
    }
  };
  const receive = (peer: Peer) => {
    for (const update of updates.slice(peer.seen)) Y.applyUpdate(peer.doc, update, 'server');
    peer.seen = updates.length;
  };

  while (log.length < wanted) {
    const peer = random.pick(peers);
    if (random.chance(broken)) breakSomething(peer.doc, random);
    const run = act(peer, random, likely);
    if (run) {
      at += random.below(300);
      log.push({
        document,
        seq: log.length + 1,
        at,
        author: peer.author,
        origin: 'run',
        kind: 'run',
        run: asRunId(`run-${log.length}`),
        cell: run,
        state: random.chance(0.2) ? 'failed' : 'done',
        executionCount: random.below(100),
        startedAt: at,
        outputs: asBlobHash(random.hex(64)),
      });
    }
    if (random.chance(0.7)) send(peer, random.between(1, 5));
    if (random.chance(0.4)) receive(random.pick(peers));
  }
  return log;
}

/** One edit in the peer's own replica; the cell, when it was a run. */
function act({ doc, undo }: Peer, random: SeededRandom, likely: Record<Act, number>): CellId | null {
  const order = orderedCells(doc);
  const what = order.length === 0 ? 'insert' : random.weighted(likely);
  const jitter = random.hex(3);
  const newId = asCellId(random.hex(8));
  if (order.length === 0 || what === 'insert') {
    const type = random.pick(['code', 'markdown', 'raw'] as const);
    const place = { after: order.length === 0 ? null : random.pick(order).id };
    insertCell(
      doc,
      { id: newId, type, source: random.chance(0.5) ? '' : 'x = 1\n' },
      place,
      'structure',
      jitter,
    );
    return null;
  }
  const { id } = random.pick(order);
  const text = cellText(doc, id);
  if (!text) return null;
  switch (what) {
    case 'type':
      doc.transact(
        () =>
          text.insert(random.between(0, text.length), random.pick(['a', 'aa', '\n', 'é', '👩‍💻', 'for '])),
        'typing',
      );
      return null;
    case 'erase': {
      const from = random.below(text.length + 1);
      const length = Math.min(text.length - from, random.between(1, 3));
      if (length > 0) doc.transact(() => text.delete(from, length), 'typing');
      return null;
    }
    case 'delete':
      deleteCells(doc, [id], 'rearrangement');
      return null;
    case 'move':
      moveCells(doc, [id], { after: random.pick(order).id }, 'rearrangement', jitter);
      return null;
    case 'split':
      splitCell(doc, id, random.between(0, text.length), newId, 'rearrangement', jitter);
      return null;
    case 'merge':
      mergeCells(doc, [id, random.pick(order).id], 'rearrangement');
      return null;
    case 'retype':
      changeType(doc, id, random.pick(['code', 'markdown', 'raw'] as const), 'structure');
      return null;
    case 'undo':
      if (random.chance(0.7)) undo.undo();
      else undo.redo();
      return null;
    case 'metadata': {
      const value = random.chance(0.2) ? undefined : random.pick([true, null, 'x', { nested: [1, 2] }]);
      if (random.chance(0.4))
        setNotebookMetadata(doc, random.pick(['a', 'nbformat_minor', '/b']), value, 'structure');
      else if (random.chance(0.3))
        setAttachment(doc, id, 'a.png', value === undefined ? value : { 'image/png': 'x' }, 'structure');
      else setCellMetadata(doc, id, random.pick(['tags', 'b']), value, 'structure');
      return null;
    }
    case 'run':
      return id;
  }
}

/** What no honest client writes. */
export function breakSomething(doc: Y.Doc, random: SeededRandom): void {
  const cells = cellsMap(doc);
  const ids = [...cells.keys()];
  const id = ids.length === 0 ? 'odd' : random.pick(ids);
  const cell = cells.get(id);
  doc.transact(() => {
    const how = random.below(6);
    if (how === 0)
      cells.set(random.chance(0.5) ? '__proto__' : `odd-${random.hex(2)}`, random.pick([1, 'text', null]));
    else if (!(cell instanceof Y.Map)) cells.set(id, new Y.Map([['source', new Y.Text('again')]]));
    else if (how === 1) cell.set('source', random.pick(['no text', new Y.Text('other')]));
    else if (how === 2) cell.set('metadata', random.pick([1, { plain: true }]));
    else if (how === 3) cell.set('position', 7);
    else if (how === 4) cell.set('type', 'heading');
    else {
      const source: unknown = cell.get('source');
      if (source instanceof Y.Text) source.insertEmbed(0, { image: 'x' });
    }
  }, 'typing');
}
