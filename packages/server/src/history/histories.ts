/** All histories of a project: what there is, and all of them as one export. */
import type { ProjectId } from '@cahier/base/ids.ts';
import type { HistoryOnWire } from '@cahier/protocol/http/history.ts';
import type { HistoryExport } from './export.ts';
import type { HistoryStore } from './history-store.ts';

export interface HistoriesDeps {
  readonly store: Pick<HistoryStore, 'documents' | 'lastSeq' | 'entries'>;
  readonly exports: Pick<HistoryExport, 'write'>;
}

/** Where rooms put the path of a document whose file was deleted (rooms/rooms.ts). */
const putAway = /^\/deleted\/[^/]+\//;

export class ProjectHistories {
  readonly #deps: HistoriesDeps;

  constructor(deps: HistoriesDeps) {
    this.#deps = deps;
  }

  /** By path. */
  async list(project: ProjectId): Promise<readonly HistoryOnWire[]> {
    const { store } = this.#deps;
    const rows = (await store.documents()).filter((row) => row.project === project);
    const listed = await Promise.all(
      rows.map(async ({ id, path, kind }): Promise<HistoryOnWire> => {
        const steps = await store.lastSeq(id);
        const [last] = await store.entries(id, steps, steps).catch(() => []);
        return {
          document: id,
          path: path.replace(putAway, ''),
          kind,
          isDeleted: putAway.test(path),
          steps,
          lastAt: last?.at ?? null,
        };
      }),
    );
    return listed.filter(({ steps }) => steps > 0).sort((a, b) => a.path.localeCompare(b.path, 'en'));
  }

  /** One after the other; each begins with its line `history`. */
  async *exportAll(project: ProjectId, withOutputs: boolean): AsyncGenerator<string, void> {
    for (const { document } of await this.list(project)) {
      yield* await this.#deps.exports.write(project, document, withOutputs);
    }
  }
}
