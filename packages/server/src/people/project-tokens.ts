/**
 * Tokens with which programs (JupyterLab, VS Code, nbclient) come into one project in somebody's name. A token can never
 * do more than its scopes, nor more than the person who made it may do at that moment. Its secret is shown once.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { TokenScope } from '@cahier/core/access/scopes.ts';
import type { Principal } from '../http/principal.ts';
import type { PeopleStore } from './people-store.ts';
import type { ProjectTokenRow, ProjectTokenStore } from './project-token-store.ts';
import { hashSecret, newId, newSecret } from './secrets.ts';

/** By this a token is told from the owner's, and found by scanners of leaked secrets. */
const mark = 'cahier_';
const touchEveryMs = 60_000;

export class ProjectTokens {
  readonly #store: ProjectTokenStore;
  readonly #people: Pick<PeopleStore, 'person'>;
  readonly #clock: Clock;
  /** A token counts no more: whoever holds something by it lets go. */
  readonly revoked = new Emitter<{ readonly token: string }>();

  constructor(store: ProjectTokenStore, people: Pick<PeopleStore, 'person'>, clock: Clock) {
    this.#store = store;
    this.#people = people;
    this.#clock = clock;
  }

  async make(
    project: ProjectId,
    by: PersonId,
    wish: { readonly name: string; readonly scopes: readonly TokenScope[] },
  ): Promise<{ readonly id: string; readonly token: string }> {
    const token = `${mark}${newSecret()}`;
    const row: ProjectTokenRow = {
      id: newId(),
      project,
      hash: hashSecret(token),
      ...wish,
      createdBy: by,
      createdAt: this.#clock.now(),
      usedAt: null,
    };
    await this.#store.add(row);
    return { id: row.id, token };
  }

  list(project: ProjectId): Promise<readonly ProjectTokenRow[]> {
    return this.#store.list(project);
  }

  /** False when there is no such token in this project. */
  async remove(project: ProjectId, id: string): Promise<boolean> {
    const isRemoved = await this.#store.remove(project, id);
    if (isRemoved) this.revoked.emit({ token: id });
    return isRemoved;
  }

  isOne(secret: string): boolean {
    return secret.startsWith(mark);
  }

  /** Null when it is not (any more) a token. They have 256 random bits: guessing needs no brake. */
  async principal(secret: string): Promise<Principal | null> {
    const row = this.isOne(secret) ? await this.#store.byHash(hashSecret(secret)) : null;
    const person = row && (await this.#people.person(row.createdBy));
    if (!row || !person) return null;
    const now = this.#clock.now();
    if (row.usedAt === null || now - row.usedAt > touchEveryMs) await this.#store.touch(row.id, now);
    const { id, name, color } = person;
    return {
      person: { id, name, color },
      isServerOwner: false,
      session: null,
      limits: { token: row.id, project: row.project, scopes: row.scopes },
    };
  }
}
