/** What rooms stand on, in memory: log, recorder, blobs, files, live documents; and a life after a crash. */
import { asDocumentId, asProjectId, type DocumentId } from '@cahier/base/ids.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { appError } from '@cahier/core/errors.ts';
import { projectMirrors } from '@cahier/server/mirrors/project-mirrors.ts';
import type { RoomsParts } from '@cahier/server/rooms/rooms.ts';
import { Vouchers } from '@cahier/server/rooms/vouchers.ts';
import { GroupRecorder } from '@cahier/server/history/group-recorder.ts';
import { pino } from 'pino';
import { FakeClock } from './fake-clock.ts';
import { MemoryBlobStore } from './memory-blob-store.ts';
import { MemoryHistoryLog } from './memory-history-log.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimFiles } from './sim-files.ts';
import { SimLive } from './sim-live.ts';

export class SimProject {
  readonly id = asProjectId('p1');
  readonly clock = new FakeClock();
  readonly files = new SimFiles();
  readonly blobs = new MemoryBlobStore();
  readonly random: SeededRandom;
  readonly live = new Map<DocumentId, SimLive>();
  readonly busy = new Set<DocumentId>();
  log = new MemoryHistoryLog();

  constructor(seed = 1) {
    this.random = new SeededRandom(seed);
  }

  /** The process died: what the log had not on disk is gone, files and blobs stay. */
  crash(): void {
    this.log = this.log.crash();
  }

  /** Parts for the rooms of one life of the server. */
  parts(): RoomsParts & { readonly recorder: GroupRecorder } {
    const { log, clock, random } = this;
    const logger = pino({ level: 'silent' });
    const recorder = new GroupRecorder({ log, clock, windowMs: 5, random: () => random.next() });
    return {
      project: this.id,
      log,
      recorder,
      vouchers: new Vouchers('of the simulation'),
      runner: this.files.runner,
      kinds,
      mirrors: projectMirrors({
        project: this.id,
        recorder,
        runner: this.files.runner,
        blobs: this.blobs,
        clock,
        logger,
        random: () => random.next(),
        newId: (length) => random.hex(length),
      }),
      clock,
      logger,
      openLive: async ({ document }) => {
        const live = this.live.get(document) ?? new SimLive();
        this.live.set(document, live);
        return live;
      },
      newId: (length) => random.hex(length),
      newDocumentId: () => asDocumentId(`doc-${random.hex(6)}`),
      random: () => random.next(),
      past: async () => {
        throw appError('history/range');
      },
      isBusy: (document) => this.busy.has(document),
    };
  }
}
