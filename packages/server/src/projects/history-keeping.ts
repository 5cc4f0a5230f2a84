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
import { HistoryPacker } from '../history/packer.ts';
import { HistoryPurge } from '../history/purge.ts';
import type { Recorder } from '../history/recorder.ts';
import type { StepStore } from '../history/step-store.ts';
import { readWhole } from '../runs/large-values.ts';
import { blobNames, HistoryUpkeep } from '../history/upkeep.ts';

export interface KeepingDeps {
  readonly store: HistoryStore;
  readonly steps: StepStore;
  readonly blobs: CollectableBlobStore;
  readonly kinds: DocumentKinds;
  readonly open: (project: ProjectId) => Promise<KeptProject>;
  /** Days of history that a project keeps; null: all. */
  readonly keepDays: (project: ProjectId) => number | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface KeptProject extends RecoveringProject {
  readonly recorder: Pick<Recorder, 'open' | 'record' | 'attach' | 'flush'>;
}

export interface HistoryKeeping {
  readonly routes: readonly Route[];
  readonly upkeep: HistoryUpkeep;
}

export function historyKeeping(deps: KeepingDeps): HistoryKeeping {
  const { store, steps, blobs, kinds, open, keepDays, clock, logger } = deps;
  const prepare = async (project: ProjectId, document: DocumentId) => {
    const { rooms, recorder } = await open(project);
    const room = rooms.byDocument(document);
    if (room) await rooms.flush(room.path);
    await recorder.flush();
    return recorder;
  };
  const purge = new HistoryPurge({ store, steps, blobs, clock, prepare });
  return {
    routes: keepingRoutes({
      exports: new HistoryExport({ log: store, steps, blobs, readWhole, clock }),
      purge,
      deleted: new DeletedDocuments({ store, kinds, open }),
    }),
    upkeep: new HistoryUpkeep({
      store,
      packer: new HistoryPacker({ store, clock, logger }),
      collector: new BlobCollector({ blobs, names: blobNames(store), clock, logger }),
      purge,
      keepDays,
      clock,
      logger,
    }),
  };
}
