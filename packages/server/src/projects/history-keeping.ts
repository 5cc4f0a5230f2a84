/** Puts together what looks after histories beside the path of a keystroke: upkeep, purge, export, deleted documents. */
import type { Clock } from '@cahier/base/clock.ts';
import type { DocumentId, ProjectId } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import { BlobCollector } from '../blobs/blob-collector.ts';
import type { CollectableBlobStore } from '../blobs/blob-store.ts';
import type { Route } from '../http/route.ts';
import type { DocumentKinds } from '../rooms/document-kinds.ts';
import { DeletedDocuments, type RecoveringProject } from './deleted-documents.ts';
import { HistoryExport } from '../history/export.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { keepingRoutes } from './history-keeping-routes.ts';
import { ProjectHistories } from '../history/histories.ts';
import { PurgedResults, type PurgedProject } from './purged-results.ts';
import { HistoryNames } from '../history/names.ts';
import type { HistoryMover } from '../history/mover.ts';
import { HistoryPacker } from '../history/packer.ts';
import { HistoryPurge } from '../history/purge.ts';
import type { Recorder } from '../history/recorder.ts';
import type { StepStore } from '../history/step-store.ts';
import { readWhole } from '../runs/large-values.ts';
import { Turns } from '../history/turns.ts';
import { blobNames, HistoryUpkeep } from '../history/upkeep.ts';

export interface KeepingDeps {
  readonly store: HistoryStore;
  readonly steps: StepStore;
  readonly blobs: CollectableBlobStore;
  readonly kinds: DocumentKinds;
  readonly open: (project: ProjectId) => Promise<KeptProject>;
  /** Days of history that a project keeps; null: all. */
  readonly keepDays: (project: ProjectId) => number | null;
  readonly mover?: HistoryMover;
  readonly purged?: (document: DocumentId, isAsked: boolean) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface KeptProject extends RecoveringProject, PurgedProject {
  readonly recorder: Pick<Recorder, 'open' | 'record' | 'attach' | 'flush'>;
}

export interface HistoryKeeping {
  readonly routes: readonly Route[];
  readonly upkeep: HistoryUpkeep;
  readonly results: PurgedResults;
}

export function historyKeeping(deps: KeepingDeps): HistoryKeeping {
  const { store, steps, blobs, kinds, open, keepDays, mover, purged, clock, logger } = deps;
  const prepare = async (project: ProjectId, document: DocumentId) => {
    const { rooms, recorder } = await open(project);
    const room = rooms.byDocument(document);
    if (room) await rooms.flush(room.path);
    await recorder.flush();
    return recorder;
  };
  const turns = new Turns();
  const exports = new HistoryExport({ log: store, steps, blobs, readWhole, clock });
  const purge = new HistoryPurge({
    store,
    steps,
    blobs,
    clock,
    prepare,
    turns,
    ...(purged ? { purged } : {}),
  });
  const collector = new BlobCollector({ blobs, names: blobNames(store), clock, logger });
  const results = new PurgedResults({ open, collector, clock, logger });
  return {
    results,
    routes: keepingRoutes({
      exports,
      histories: new ProjectHistories({ store, exports }),
      purge: {
        purge: async (project, ...range) => {
          const entries = await purge.purge(project, ...range);
          await results.remove(project);
          return entries;
        },
      },
      names: new HistoryNames({ log: store, steps, clock, prepare }),
      deleted: new DeletedDocuments({ store, kinds, open }),
    }),
    upkeep: new HistoryUpkeep({
      store,
      packer: new HistoryPacker({ store, clock, logger, turns }),
      collector,
      purge,
      keepDays,
      clock,
      logger,
      ...(mover ? { mover } : {}),
    }),
  };
}
