/** Port: what the owner of a project has set. Asked for every request, so it answers at once. */
import type { ProjectId } from '@cahier/base/ids.ts';
import type { ProjectSettings } from '@cahier/protocol/http/settings.ts';

export interface SettingsStore {
  /** The defaults when nothing was set. */
  of(project: ProjectId): ProjectSettings;
  set(project: ProjectId, settings: ProjectSettings): void;
}
