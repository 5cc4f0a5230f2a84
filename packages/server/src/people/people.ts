/**
 * People and how they prove who they are: the owner's token, sessions by cookie, invitations. Everything ends in a
 * Principal. Secrets are compared and kept as hashes; none is ever logged.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import { asPersonId, type PersonId, type ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { colorOf } from './colors.ts';
import type { InvitationRow, InvitationStore } from './invitation-store.ts';
import type { PeopleStore, PersonRow } from './people-store.ts';
import type { Person, Principal } from '../http/principal.ts';
import { RateLimit } from './rate-limit.ts';
import { hashSecret, isSameHash, newId, newSecret } from './secrets.ts';

const day = 86_400_000;
const hour = 3_600_000;
export const sessionIdleMs = 30 * day;
const sessionLongestMs = 90 * day;

interface PeopleDeps {
  readonly store: PeopleStore;
  readonly invitations: InvitationStore;
  readonly clock: Clock;
  /** Hash of the owner's token. */
  readonly ownerTokenHash: string;
}

export class People {
  readonly #deps: PeopleDeps;
  /** Only failures count, per address: a whole class behind one address joins at once. */
  readonly #failures: RateLimit;
  /** A session ended: whoever holds something in its name lets go. */
  readonly sessionEnded = new Emitter<{ readonly session: string }>();

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
    this.#failures = new RateLimit({ burst: 20, everyMs: 6_000 }, deps.clock);
  }

  /** The server's owner; made at the first start. */
  async ensureServerOwner(name: string): Promise<PersonRow> {
    const known = await this.#deps.store.serverOwner();
    if (known) return known;
    const row = { ...(await this.#newPerson(name)), isServerOwner: true };
    await this.#deps.store.addPerson(row);
    return row;
  }

  /** The owner's token from a link or a header. Null when it is wrong. Throws `request/rate-limited`. */
  async byOwnerToken(token: string, ip: string): Promise<Principal | null> {
    this.#guardTries(ip);
    const isRight = isSameHash(hashSecret(token), this.#deps.ownerTokenHash);
    const owner = isRight ? await this.#deps.store.serverOwner() : null;
    if (!owner) {
      this.#failures.take(ip);
      return null;
    }
    return { person: personOf(owner), isServerOwner: true, session: null };
  }

  /** The secret of a session's cookie. `isRenewed`: the session was prolonged, the cookie should be, too. */
  async bySession(secret: string): Promise<{ principal: Principal; isRenewed: boolean } | null> {
    const { store, clock } = this.#deps;
    const hash = hashSecret(secret);
    const found = await store.session(hash);
    const now = clock.now();
    if (!found) return null;
    const { session, person } = found;
    if (now - session.seenAt > sessionIdleMs || now - session.createdAt > sessionLongestMs) {
      await store.removeSession(hash);
      return null;
    }
    const isRenewed = now - session.seenAt > hour;
    if (isRenewed) await store.touchSession(hash, now);
    return {
      principal: { person: personOf(person), isServerOwner: person.isServerOwner, session: hash },
      isRenewed,
    };
  }

  /** A new session; its secret goes into the cookie and nowhere else. */
  async startSession(person: PersonId): Promise<string> {
    const { store, clock } = this.#deps;
    const secret = newSecret();
    const now = clock.now();
    await store.removeStaleSessions(now - sessionIdleMs, now - sessionLongestMs);
    await store.addSession({ hash: hashSecret(secret), person, createdAt: now, seenAt: now });
    return secret;
  }

  async endSession(session: string): Promise<void> {
    await this.#deps.store.removeSession(session);
    this.sessionEnded.emit({ session });
  }

  async rename(person: PersonId, name: string): Promise<void> {
    await this.#deps.store.rename(person, name);
  }

  async nameOf(person: PersonId): Promise<string> {
    return (await this.#deps.store.person(person))?.name ?? '';
  }

  /** Throws `invitation/unknown`, `request/rate-limited`. */
  async lookAtInvitation(secret: string, ip: string): Promise<InvitationRow> {
    this.#guardTries(ip);
    const found = await this.#deps.invitations.valid(hashSecret(secret), this.#deps.clock.now());
    if (!found) throw this.#unknownInvitation(ip);
    return found;
  }

  /**
   * Uses an invitation. Who is signed in joins as who they are, everybody else as a new person of that name; whoever
   * is in the project already stays what they are. Throws `invitation/unknown`, `request/rate-limited`.
   */
  async join(
    secret: string,
    name: string,
    known: Principal | null,
    isMember: (project: ProjectId, person: PersonId) => Promise<boolean>,
    ip: string,
  ): Promise<{ readonly project: ProjectId; readonly person: PersonId; readonly isNewPerson: boolean }> {
    const { store, invitations, clock } = this.#deps;
    const invitation = await this.lookAtInvitation(secret, ip);
    if (known && (await isMember(invitation.project, known.person.id))) {
      return { project: invitation.project, person: known.person.id, isNewPerson: false };
    }
    const row = (known && (await store.person(known.person.id))) ?? (await this.#newPerson(name));
    const used = await invitations.redeem(invitation.hash, clock.now(), row, known === null);
    if (!used) throw this.#unknownInvitation(ip);
    return { project: used.project, person: row.id, isNewPerson: known === null };
  }

  #unknownInvitation(ip: string) {
    this.#failures.take(ip);
    return appError('invitation/unknown');
  }

  #guardTries(ip: string): void {
    const retryAfterMs = this.#failures.waitMs(ip);
    if (retryAfterMs > 0) throw appError('request/rate-limited', { retryAfterMs });
  }

  async #newPerson(name: string): Promise<PersonRow> {
    const { store, clock } = this.#deps;
    return {
      id: asPersonId(newId()),
      name,
      color: colorOf(await store.countPeople()),
      isServerOwner: false,
      createdAt: clock.now(),
    };
  }
}

function personOf({ id, name, color }: PersonRow): Person {
  return { id, name, color };
}
