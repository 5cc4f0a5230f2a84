/** The server of the simulation: real room, real recorder, a log in memory; it can die and come back. */
import type { Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import { asDocumentId, asProjectId, type DocumentId } from '@cahier/base/ids.ts';
import { insertCell } from '@cahier/core/notebooks/source-doc.ts';
import { asCellId } from '@cahier/base/ids.ts';
import type { NewEntry } from '@cahier/core/history/entry.ts';
import { up } from '@cahier/protocol/client/up.ts';
import { decodeFrame, splitPayload } from '@cahier/protocol/frame.ts';
import type { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { MemoryHistoryLog } from '@cahier/testkit/memory-history-log.ts';
import type { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import type { SimClient } from '@cahier/testkit/sim-client.ts';
import { SimLink } from '@cahier/testkit/sim-link.ts';
import type { SimFaults } from '@cahier/testkit/sim-options.ts';
import { SimSession } from '@cahier/testkit/sim-session.ts';
import { pino } from 'pino';
import * as Y from 'yjs';
import { GroupRecorder } from '../history/group-recorder.ts';
import type { Recorder } from '../history/recorder.ts';
import { loadDocument } from '../history/load-document.ts';
import { Room } from './room.ts';
import { Vouchers } from './vouchers.ts';

/** Mistakes built in on purpose, to see that the simulation finds them. */
export type Sabotage = 'none' | 'saved-before-durable' | 'numbers-unchecked';

export interface SimServerParts {
  readonly clock: FakeClock;
  readonly random: SeededRandom;
  readonly faults: SimFaults;
  readonly sabotage: Sabotage;
}

export const simDocument = asDocumentId('sim');
export const simProject = asProjectId('sim');
export const simPath = 'sim.ipynb';
const vouchers = new Vouchers('of the simulation');
const logger = pino({ level: 'silent' });

export class SimServer {
  readonly #parts: SimServerParts;
  #log: MemoryHistoryLog;
  #room: Room | null = null;
  #recorder: Recorder | null = null;
  readonly #clients = new Map<SimClient, SimLink>();
  #links = 0;

  constructor(parts: SimServerParts) {
    this.#parts = parts;
    const { clock, random, faults } = parts;
    this.#log = new MemoryHistoryLog({ clock, delayMs: () => random.below(faults.maxCommitMs + 1) });
  }

  get room(): Room | null {
    return this.#room;
  }

  get log(): MemoryHistoryLog {
    return this.#log;
  }

  get recorder(): Recorder | null {
    return this.#recorder;
  }

  /** Opens the document from its log. */
  async start(): Promise<Room> {
    const { clock, random, sabotage } = this.#parts;
    const grouped = new GroupRecorder({ log: this.#log, clock, windowMs: 5, random: () => random.next() });
    const recorder = sabotage === 'saved-before-durable' ? new HastyRecorder(grouped) : grouped;
    await recorder.open(simDocument);
    const doc = new Y.Doc();
    doc.clientID = random.below(2 ** 32);
    const loaded = await loadDocument(this.#log, simDocument, doc);
    const row = { id: simDocument, kind: 'notebook', path: simPath, epoch: 'sim' } as const;
    const room = new Room({ row, doc, lastSeq: loaded.seq, recorder, vouchers, clock, logger });
    this.#recorder = recorder;
    this.#room = room;
    if (loaded.seq === 0) {
      void recorder.attach({ documents: [{ ...row, project: simProject }] });
    }
    return room;
  }

  /** kill -9: everything in memory is gone, of the commits on their way some had reached the disk. */
  crash(): void {
    this.#log = this.#log.crash(this.#parts.random.below(this.#log.inFlight + 1));
    this.#room = null;
    this.#recorder = null;
    for (const [client, link] of this.#clients) {
      link.cut();
      client.cut(this.#parts.random.between(1, 800));
    }
    this.#clients.clear();
  }

  /** The server itself edits (a change on disk). */
  edit(): void {
    const { random } = this.#parts;
    this.#room?.edit({ person: null, name: 'disk', session: null }, 'disk', (doc, by) => {
      insertCell(
        doc,
        { id: asCellId(random.hex(8)), type: 'code', source: '' },
        { after: null },
        by,
        random.hex(3),
      );
    });
  }

  /** Something that changes no content: a run, a mark. */
  record(entry: NewEntry): void {
    if (this.#room) this.#recorder?.record(entry);
  }

  flush(): Promise<void> {
    return this.#recorder?.flush() ?? Promise.resolve();
  }

  connect(client: SimClient): SimLink | null {
    const room = this.#room;
    if (!room) return null;
    const { clock, random, faults } = this.#parts;
    this.#links += 1;
    const session = new SimSession(`${client.name}-${this.#links}`);
    const link: SimLink = new SimLink({
      clock,
      random,
      faults,
      toServer: (bytes) => this.#heard(room, session, bytes),
      toClient: (bytes) => client.heard(bytes),
      clientMissed: () => session.send({ t: 'doc.resync', doc: simDocument }),
      // The server may notice much later than the client.
      onCut: () => void clock.after(random.below(2_000), () => room.leave(session.id)),
    });
    session.onSent = ({ frame, bytes }) => {
      session.forget();
      link.down(bytes, frame.t === 'doc.update' || frame.t === 'doc.saved');
    };
    this.#clients.set(client, link);
    return link;
  }

  #heard(room: Room, session: SimSession, bytes: Uint8Array): void {
    if (room !== this.#room) return;
    const { header, payload } = decodeFrame(bytes);
    const frame = up.parse(header);
    if (frame.t === 'doc.open') {
      room.join(
        session,
        this.#parts.sabotage === 'numbers-unchecked' ? { ...frame, n: 1e9 } : frame,
        payload,
      );
    } else if (frame.t === 'doc.recover') {
      room.recover(session, splitPayload(payload, frame.parts), frame.vouchers);
    } else if (frame.t === 'doc.update') {
      room.receive(session, splitPayload(payload, frame.parts), frame.origins, frame.n);
    }
  }
}

/** Calls everything durable as soon as it is recorded. */
class HastyRecorder implements Recorder {
  readonly #recorder: Recorder;
  readonly #durable = new Emitter<{ readonly document: DocumentId; readonly seq: number }>();
  #last = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  async open(document: DocumentId): Promise<void> {
    await this.#recorder.open(document);
    this.#last = this.#recorder.durableSeq(document);
  }

  record(entry: NewEntry): number {
    this.#last = this.#recorder.record(entry);
    this.#durable.emit({ document: entry.document, seq: this.#last });
    return this.#last;
  }

  attach(batch: Parameters<Recorder['attach']>[0]): Promise<void> {
    return this.#recorder.attach(batch);
  }

  flush(): Promise<void> {
    return this.#recorder.flush();
  }

  durableSeq(): number {
    return this.#last;
  }

  onDurable(listener: Parameters<Recorder['onDurable']>[0]): Disposable {
    return this.#durable.on(listener);
  }

  onTrouble(listener: Parameters<Recorder['onTrouble']>[0]): Disposable {
    return this.#recorder.onTrouble(listener);
  }
}
