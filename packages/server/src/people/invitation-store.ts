/** Port: invitations. The secret is kept as its hash; a use is counted in the transaction that makes the member. */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';
import type { PersonRow } from './people-store.ts';

export interface InvitationRow {
  readonly id: string;
  readonly project: ProjectId;
  readonly hash: string;
  readonly role: Role;
  readonly createdBy: PersonId;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usesLeft: number;
}

export interface InvitationStore {
  add(row: InvitationRow): Promise<void>;
  /** Valid at `now`: not expired, uses left. */
  valid(hash: string, now: number): Promise<InvitationRow | null>;
  listValid(project: ProjectId, now: number): Promise<readonly InvitationRow[]>;
  remove(project: ProjectId, id: string): Promise<boolean>;
  /**
   * All or nothing: takes one use, adds the person when new, makes them a member with the invitation's role. Null when
   * the invitation is not valid any more.
   */
  redeem(hash: string, now: number, person: PersonRow, isNew: boolean): Promise<InvitationRow | null>;
}
