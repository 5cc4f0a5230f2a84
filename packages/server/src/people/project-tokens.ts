/**
 * Tokens with which programs (JupyterLab, VS Code, nbclient) come into one project in somebody's name. A token can never
 * do more than its scopes, nor more than the person who made it may do at that moment. Its secret is shown once. One of
 * kind `address` is part of a base address, and counts there only; the others count in headers only.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { TokenScope } from '@cahier/core/access/scopes.ts';
import { appError } from '@cahier/core/errors.ts';
import type { Principal } from '../http/principal.ts';
import type { PeopleStore } from './people-store.ts';
import type { ProjectTokenRow, ProjectTokenStore } from './project-token-store.ts';
import { RateLimit } from './rate-limit.ts';
import { hashSecret, newId, newSecret, newSmallSecret } from './secrets.ts';

/** By these a token is told from the owner's, and found by scanners of leaked secrets. */
const marks = { header: 'cahier_', address: 'cahierurl_' } as const;
const touchEveryMs = 60_000;
const hourMs = 3_600_000;
/** Timers know no more than 24 days. */
const longestWaitMs = 24 * hourMs;

export interface TokenWish {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly kind?: ProjectTokenRow['kind'];
  /** null or absent: until it is taken back. */
  readonly hours?: number | null | undefined;
}

export class ProjectTokens implements Disposable {
  readonly #store: ProjectTokenStore;
  readonly #people: Pick<PeopleStore, 'person'>;
  readonly #clock: Clock;
  readonly #failures: RateLimit;
  #alarm: Disposable | null = null;
  #isEnded = false;
  /** A token counts no more, taken back or expired: whoever holds something by it lets go. */
  readonly revoked = new Emitter<{ readonly token: string }>();

  constructor(store: ProjectTokenStore, people: Pick<PeopleStore, 'person'>, clock: Clock) {
    this.#store = store;
    this.#people = people;
    this.#clock = clock;
    this.#failures = new RateLimit({ burst: 20, everyMs: 6_000 }, clock);
  }

  /** From now on sockets are told when their token expires. */
  watchExpiry(): Promise<void> {
    return this.#setAlarm(this.#clock.now());
  }

  dispose(): void {
    this.#isEnded = true;
    this.#alarm?.dispose();
  }

  /** `token`: the secret; for an address it names its project, too. */
  async make(
    project: ProjectId,
    by: PersonId,
    { name, scopes, kind = 'header', hours = null }: TokenWish,
  ): Promise<{ readonly id: string; readonly token: string; readonly expiresAt: number | null }> {
    // jupyter_server makes the address of a socket from JUPYTER_GATEWAY_URL by writing all of it small
    const secret = `${marks[kind]}${kind === 'address' ? newSmallSecret() : newSecret()}`;
    const now = this.#clock.now();
    const row: ProjectTokenRow = {
      id: newId(),
      project,
      hash: hashSecret(secret),
      name,
      scopes,
      kind,
      createdBy: by,
      createdAt: now,
      expiresAt: hours === null ? null : now + hours * hourMs,
      usedAt: null,
    };
    await this.#store.add(row);
    if (this.#alarm && row.expiresAt !== null) await this.#setAlarm(now);
    const token = kind === 'address' ? `${project}.${secret}` : secret;
    return { id: row.id, token, expiresAt: row.expiresAt };
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
    return secret.startsWith(marks.header);
  }

  /** Null when it is not (any more) a token. They have 256 random bits: guessing needs no brake. */
  async principal(secret: string): Promise<Principal | null> {
    const row = this.isOne(secret) ? await this.#store.byHash(hashSecret(secret)) : null;
    return row?.kind === 'header' ? this.#principalOf(row) : null;
  }

  /** Who comes by a base address. Null when it is none (any more). Throws `request/rate-limited`. */
  async byAddress(token: string, ip: string): Promise<Principal | null> {
    const [project = '', secret = ''] = token.split('.');
    const row = secret.startsWith(marks.address) ? await this.#store.byHash(hashSecret(secret)) : null;
    const isIt = row?.kind === 'address' && String(row.project) === project;
    const principal = isIt ? await this.#principalOf(row) : null;
    if (principal) return principal;
    // only who guesses is braked, not who shares an address with them
    const retryAfterMs = this.#failures.waitMs(ip);
    if (retryAfterMs > 0) throw appError('request/rate-limited', { retryAfterMs });
    this.#failures.take(ip);
    return null;
  }

  async #principalOf(row: ProjectTokenRow): Promise<Principal | null> {
    const now = this.#clock.now();
    if (row.expiresAt !== null && row.expiresAt <= now) return null;
    const person = await this.#people.person(row.createdBy);
    if (!person) return null;
    if (row.usedAt === null || now - row.usedAt > touchEveryMs) await this.#store.touch(row.id, now);
    const { id, name, color } = person;
    return {
      person: { id, name, color },
      isServerOwner: false,
      session: null,
      limits: { token: row.id, name: row.name, project: row.project, scopes: row.scopes },
    };
  }

  /** Rings when the next token expires. Those up to `after` have been told. */
  async #setAlarm(after: number): Promise<void> {
    const at = (await this.#store.nextExpiry(after)) ?? Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    this.#alarm?.dispose();
    if (this.#isEnded) return;
    this.#alarm = this.#clock.after(Math.min(Math.max(at - now, 0), longestWaitMs), () => {
      void this.#tellExpired(after);
    });
  }

  async #tellExpired(after: number): Promise<void> {
    const now = this.#clock.now();
    for (const token of await this.#store.expiredBetween(after, now)) this.revoked.emit({ token });
    await this.#setAlarm(now);
  }
}
