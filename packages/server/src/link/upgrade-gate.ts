/**
 * The one door for sockets of browsers. Whatever is not named here is refused; what is named must come from our own
 * pages (exact Origin) or bring a token, must be signed in, and must be a member of the project. Runners have a door of
 * their own, which is not on the network (runner-door.ts).
 */
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '@cahier/base/app-error.ts';
import { asProjectId, type ProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';
import { appError } from '@cahier/core/errors.ts';
import { httpStatusOf, toWireError } from '@cahier/protocol/wire-error.ts';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SiteGuard } from '../http/origin.ts';
import type { Principal, Proof } from '../http/principal.ts';
import { longestFrame } from './client-link.ts';

export interface AdmittedClient {
  readonly project: ProjectId;
  readonly principal: Principal;
  readonly role: Role;
}

interface UpgradeGateDeps {
  readonly authenticate: (headers: IncomingHttpHeaders, ip: string) => Promise<Proof | null>;
  readonly sites: SiteGuard;
  readonly roleIn: (project: ProjectId, principal: Principal) => Promise<Role | null>;
  readonly onClient: (socket: WebSocket, client: AdmittedClient) => void;
  readonly logger: Logger;
}

const clientPath = /^\/p\/([A-Za-z0-9_-]{1,128})\/link$/;

export class UpgradeGate {
  readonly #deps: UpgradeGateDeps;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: longestFrame,
    perMessageDeflate: false,
    clientTracking: false,
  });
  #isClosed = false;

  constructor(deps: UpgradeGateDeps) {
    this.#deps = deps;
  }

  guard(server: Server): void {
    server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
  }

  /** From now on nobody comes in. */
  close(): void {
    this.#isClosed = true;
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const onError = () => socket.destroy();
    socket.on('error', onError);
    try {
      const client = await this.#admit(request);
      if (socket.destroyed) return;
      socket.off('error', onError);
      this.#sockets.handleUpgrade(request, socket, head, (upgraded) => this.#deps.onClient(upgraded, client));
    } catch (error) {
      if (!(error instanceof AppError)) this.#deps.logger.error({ err: error }, 'upgrade failed');
      refuse(socket, error);
    }
  }

  /** Throws `access/…`, `project/not-found`, `request/…`. */
  async #admit(request: IncomingMessage): Promise<AdmittedClient> {
    const { authenticate, sites, roleIn } = this.#deps;
    if (this.#isClosed) throw appError('server/stopping');
    const { headers } = request;
    if (!sites.isOurs(headers.host)) {
      throw appError('request/host', { details: { host: (headers.host ?? '').slice(0, 100) } });
    }
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const id = clientPath.exec(path)?.[1];
    if (id === undefined) throw appError('request/no-route', { details: { path: path.slice(0, 200) } });
    const site = sites.socketOrigin(headers);
    if (site === 'foreign') throw appError('access/origin');
    const proof = await authenticate(headers, request.socket.remoteAddress ?? '');
    if (!proof) throw appError('access/sign-in');
    if (site === 'absent' && proof.by === 'cookie') throw appError('access/origin');
    const project = asProjectId(id);
    const role = await roleIn(project, proof.principal);
    if (role === null) throw appError('project/not-found');
    return { project, principal: proof.principal, role };
  }
}

function refuse(socket: Duplex, error: unknown): void {
  const wire = toWireError(error);
  const body = JSON.stringify(wire);
  socket.end(
    [
      `HTTP/1.1 ${httpStatusOf[wire.kind]} Refused`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      'X-Content-Type-Options: nosniff',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
