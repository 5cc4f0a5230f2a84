/** Who is asking. Every way in (cookie, owner's token) ends in one of these; identity never comes from a payload. */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { TokenScope } from '@cahier/core/access/scopes.ts';

export interface Person {
  readonly id: PersonId;
  readonly name: string;
  readonly color: string;
}

export interface Principal {
  readonly person: Person;
  /** The owner of this server: may make projects. */
  readonly isServerOwner: boolean;
  /** Hash of the session's secret; null when a token was sent with the request itself. */
  readonly session: string | null;
  /** Came by a project's token: nothing outside that project, and there no more than the scopes say. */
  readonly limits?: TokenLimits;
}

export interface TokenLimits {
  /** Id of the token, not its secret. */
  readonly token: string;
  /** What whoever made it calls it. */
  readonly name?: string;
  readonly project: ProjectId;
  readonly scopes: readonly TokenScope[];
}

export interface Proof {
  readonly principal: Principal;
  readonly by: 'cookie' | 'token';
  /** The session was prolonged: its cookie is sent again with this header. */
  readonly renewedCookie?: string;
}
