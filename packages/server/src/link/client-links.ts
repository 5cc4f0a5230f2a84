/** All open client links of this server, so that a lost right or an ended session reaches them at once. */
import type { PersonId } from '@cahier/base/ids.ts';
import type { DownFrame } from '@cahier/protocol/client/down.ts';
import { encodeFrame } from '@cahier/protocol/frame.ts';
import type { RoleChange } from '../people/role-change.ts';
import type { ClientLink } from './client-link.ts';

export class ClientLinks {
  readonly #links = new Set<ClientLink>();

  get size(): number {
    return this.#links.size;
  }

  add(link: ClientLink): void {
    this.#links.add(link);
    link.ended.add(() => void this.#links.delete(link));
  }

  broadcast(frame: DownFrame): void {
    const bytes = encodeFrame(frame);
    for (const link of this.#links) link.sendEncoded(bytes);
  }

  roleChanged(change: RoleChange): void {
    for (const link of [...this.#links]) {
      if (link.project === change.project && link.person.id === change.person) link.changeRole(change.role);
    }
  }

  /** The tabs of this person come back with the new name. */
  personChanged(person: PersonId): void {
    for (const link of [...this.#links]) {
      if (link.person.id === person) link.close(1012, 'the name has changed');
    }
  }

  sessionEnded(session: string): void {
    for (const link of [...this.#links]) {
      if (link.signIn === session) link.close(4401, 'signed out');
    }
  }

  closeAll(code: number, reason: string): void {
    for (const link of [...this.#links]) link.close(code, reason);
  }
}
