/** Port: tokens of projects. The secret is kept as its hash only. Times in ms since the epoch. */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { TokenScope } from '@cahier/core/access/scopes.ts';

export interface ProjectTokenRow {
  readonly id: string;
  readonly project: ProjectId;
  readonly hash: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly kind: 'header' | 'address';
  readonly createdBy: PersonId;
  readonly createdAt: number;
  /** null: never. */
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
}

export interface ProjectTokenStore {
  add(row: ProjectTokenRow): Promise<void>;
  byHash(hash: string): Promise<ProjectTokenRow | null>;
  /** The newest first. */
  list(project: ProjectId): Promise<readonly ProjectTokenRow[]>;
  remove(project: ProjectId, id: string): Promise<boolean>;
  touch(id: string, usedAt: number): Promise<void>;
  /** When the next token expires after `after`; null: none does. */
  nextExpiry(after: number): Promise<number | null>;
  /** Ids of those that expired after `after`, up to `until`. */
  expiredBetween(after: number, until: number): Promise<readonly string[]>;
}
