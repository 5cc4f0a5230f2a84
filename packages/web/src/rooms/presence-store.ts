/** Who else is in the document and where. Never stored; gone when the link is gone. */
import type { SessionId } from '@cahier/base/ids.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';
import type { PresenceState } from '@cahier/protocol/client/up.ts';
import { Store, type Readable } from './store.ts';

export class PresenceStore implements Readable<readonly Peer[]> {
  #peers = new Store<readonly Peer[]>([]);
  #announce: (state: PresenceState | null) => void;
  #local: PresenceState | null = null;
  #isAnnouncing = false;

  /** `announce` sends the own state to the others; it is called at most once per frame. */
  constructor(announce: (state: PresenceState | null) => void) {
    this.#announce = announce;
  }

  readonly peers = (): readonly Peer[] => this.#peers.get();
  readonly get = this.peers;
  readonly subscribe = this.#peers.subscribe;

  get local(): PresenceState | null {
    return this.#local;
  }

  setLocal(state: PresenceState | null): void {
    this.#local = state;
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    setTimeout(() => {
      this.#isAnnouncing = false;
      this.#announce(this.#local);
    }, 40);
  }

  replace(peers: readonly Peer[]): void {
    this.#peers.set(peers);
  }

  /** A peer moved, came or left. */
  put(peer: Peer, hasLeft: boolean): void {
    const others = this.peers().filter((known) => known.session !== peer.session);
    if (hasLeft) this.#peers.set(others);
    else {
      const at = this.peers().findIndex((known) => known.session === peer.session);
      this.#peers.set(at < 0 ? [...others, peer] : this.peers().map((known, i) => (i === at ? peer : known)));
    }
  }

  forget(session: SessionId): void {
    this.#peers.set(this.peers().filter((peer) => peer.session !== session));
  }
}
