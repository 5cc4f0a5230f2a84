/** Port: Jupyter's configuration (`api/config`), in named sections, per project. Contract: config-store.contract.ts. */
import type { ProjectId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';

export interface ConfigStore {
  /** Empty when it was never set. */
  get(project: ProjectId, section: string): Promise<JsonObject>;
  /**
   * Replaces a section by what `change` makes of it, alone: no other change comes in between. What `change` throws is
   * thrown, and nothing is changed.
   */
  update(
    project: ProjectId,
    section: string,
    change: (now: JsonObject, otherSections: number) => JsonObject,
  ): Promise<JsonObject>;
}
