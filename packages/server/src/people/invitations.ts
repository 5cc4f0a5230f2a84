/** Invitations of a project: made, listed, taken back. The secret exists in the link alone and is shown once. */
import type { Clock } from '@cahier/base/clock.ts';
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { InvitationRow, InvitationStore } from './invitation-store.ts';
import { hashSecret, newId, newSecret } from './secrets.ts';

export interface InvitationWish {
  readonly role: 'editor' | 'viewer';
  readonly expiresInHours: number;
  readonly uses: number;
}

export class Invitations {
  readonly #store: InvitationStore;
  readonly #clock: Clock;

  constructor(store: InvitationStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async make(
    project: ProjectId,
    by: PersonId,
    wish: InvitationWish,
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const secret = newSecret(24);
    const now = this.#clock.now();
    const id = newId();
    await this.#store.add({
      id,
      project,
      hash: hashSecret(secret),
      role: wish.role,
      createdBy: by,
      createdAt: now,
      expiresAt: now + wish.expiresInHours * 3_600_000,
      usesLeft: wish.uses,
    });
    return { id, secret };
  }

  list(project: ProjectId): Promise<readonly InvitationRow[]> {
    return this.#store.listValid(project, this.#clock.now());
  }

  remove(project: ProjectId, id: string): Promise<boolean> {
    return this.#store.remove(project, id);
  }
}
