/**
 * A door for sockets of programs that speak Jupyter's protocols, as a value: where it is, what right it needs, who takes
 * the socket. Doors are collected in main.ts; the gate (link/upgrade-gate.ts) authenticates and checks the right before
 * it opens one, so that no door can forget to.
 */
import type { ProjectId } from '@cahier/base/ids.ts';
import type { Action, Role } from '@cahier/core/access/rights.ts';
import type { WebSocket } from 'ws';
import type { Principal } from './principal.ts';

export interface AdmittedClient {
  readonly project: ProjectId;
  readonly principal: Principal;
  readonly role: Role;
}

export interface AdmittedByDoor extends AdmittedClient {
  /** What the path names after the project, decoded. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
}

export interface Door {
  /** Of the whole path. Its first group is the project, the others become `names`. */
  readonly path: RegExp;
  readonly action: Action;
  /** Bytes; a longer message closes the socket (1009). */
  readonly longestMessage: number;
  /** Taken when the client offers it. */
  readonly subProtocol?: string;
  onSocket(socket: WebSocket, client: AdmittedByDoor): void;
}
