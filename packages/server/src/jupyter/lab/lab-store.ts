/**
 * What JupyterLab keeps for one person in one project: settings (JSON with comments, as they were typed) and workspaces
 * (which tabs are open). A port; adapters/sqlite has it.
 */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';

export type LabKind = 'setting' | 'workspace';

/** Whose things of which kind. */
export interface LabShelf {
  readonly project: ProjectId;
  readonly person: PersonId;
  readonly kind: LabKind;
}

export interface LabText {
  readonly id: string;
  readonly text: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface LabStore {
  get(shelf: LabShelf, id: string): Promise<LabText | null>;
  /** By id. */
  list(shelf: LabShelf): Promise<readonly LabText[]>;
  /** A first `put` sets `createdAt`; later ones leave it. */
  put(shelf: LabShelf, id: string, text: string, at: number): Promise<void>;
  /** False when there was none. */
  remove(shelf: LabShelf, id: string): Promise<boolean>;
}
