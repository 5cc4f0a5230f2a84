/**
 * The one door for sockets of browsers. Whatever is not named here is refused; what is named must come from our own
 * pages (exact Origin) or bring a token, must be signed in, and must be a member of the project. Runners have a door of
 * their own, which is not on the network (runner-door.ts).
 */
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '@cahier/base/app-error.ts';
import { asProjectId, type ProjectId } from '@cahier/base/ids.ts';
import { may, type Role } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import { appError } from '@cahier/core/errors.ts';
import { v1Protocol } from '@cahier/core/jupyter/socket-frames.ts';
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

export interface AdmittedToKernel extends AdmittedClient {
  readonly kernel: string;
  /** Names the client over reconnects; null when it gave no name. */
  readonly clientSession: string | null;
}

interface UpgradeGateDeps {
  readonly authenticate: (headers: IncomingHttpHeaders, ip: string) => Promise<Proof | null>;
  readonly sites: SiteGuard;
  readonly roleIn: (project: ProjectId, principal: Principal) => Promise<Role | null>;
  readonly onClient: (socket: WebSocket, client: AdmittedClient) => void;
  /** Jupyter's clients at `/p/<project>/api/kernels/<kernel>/channels`; absent: there is no such door. */
  readonly onChannels?: (socket: WebSocket, client: AdmittedToKernel) => void;
  readonly logger: Logger;
}

const channelsPath = /^\/p\/([A-Za-z0-9_-]{1,128})\/api\/kernels\/([^/?]{1,512})\/channels$/;
const longestKernelMessage = 128 * 1024 * 1024;
const clientPath = /^\/p\/([A-Za-z0-9_-]{1,128})\/link$/;

export class UpgradeGate {
  readonly #deps: UpgradeGateDeps;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: longestFrame,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #channels = new WebSocketServer({
    noServer: true,
    maxPayload: longestKernelMessage,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(v1Protocol) ? v1Protocol : false),
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
      const kernel = this.#deps.onChannels && channelsPath.exec(pathOf(request))?.[2];
      if (kernel !== undefined) {
        const client = await this.#admitToKernel(request, kernel);
        if (socket.destroyed) return;
        socket.off('error', onError);
        this.#channels.handleUpgrade(request, socket, head, (upgraded) =>
          this.#deps.onChannels?.(upgraded, client),
        );
        return;
      }
      const client = await this.#admit(request, clientPath, request.headers);
      if (client.principal.limits)
        throw appError('access/forbidden', { details: { action: 'open the page' } });
      if (socket.destroyed) return;
      socket.off('error', onError);
      this.#sockets.handleUpgrade(request, socket, head, (upgraded) => this.#deps.onClient(upgraded, client));
    } catch (error) {
      if (!(error instanceof AppError)) this.#deps.logger.error({ err: error }, 'upgrade failed');
      refuse(socket, error);
    }
  }

  /** Browsers cannot give a socket headers: the token may stand in the address. */
  async #admitToKernel(request: IncomingMessage, encoded: string): Promise<AdmittedToKernel> {
    const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
    const token = query.get('token');
    const hasToken = token !== null && /^\S{1,512}$/.test(token);
    const headers =
      hasToken && request.headers.authorization === undefined
        ? { ...request.headers, authorization: `token ${token}` }
        : request.headers;
    const client = await this.#admit(request, channelsPath, headers);
    const { limits } = client.principal;
    if (!may(client.role, 'run') || (limits && !scopesAllow(limits.scopes, 'run'))) {
      throw appError('access/forbidden', { details: { action: 'run code' } });
    }
    return { ...client, kernel: decoded(encoded), clientSession: query.get('session_id') || null };
  }

  /** Throws `access/…`, `project/not-found`, `request/…`. */
  async #admit(
    request: IncomingMessage,
    pattern: RegExp,
    credentials: IncomingHttpHeaders,
  ): Promise<AdmittedClient> {
    const { authenticate, sites, roleIn } = this.#deps;
    if (this.#isClosed) throw appError('server/stopping');
    const { headers } = request;
    if (!sites.isOurs(headers.host)) {
      throw appError('request/host', { details: { host: (headers.host ?? '').slice(0, 100) } });
    }
    const path = pathOf(request);
    const id = pattern.exec(path)?.[1];
    if (id === undefined) throw appError('request/no-route', { details: { path: path.slice(0, 200) } });
    const site = sites.socketOrigin(headers);
    if (site === 'foreign') throw appError('access/origin');
    const proof = await authenticate(credentials, request.socket.remoteAddress ?? '');
    if (!proof) throw appError('access/sign-in');
    if (site === 'absent' && proof.by === 'cookie') throw appError('access/origin');
    const project = asProjectId(id);
    const role = await roleIn(project, proof.principal);
    const { limits } = proof.principal;
    if (role === null || (limits && limits.project !== project)) throw appError('project/not-found');
    return { project, principal: proof.principal, role };
  }
}

const pathOf = (request: IncomingMessage) => (request.url ?? '').split('?', 1)[0] ?? '';

/** Throws `request/no-route`. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw appError('request/no-route', { details: { path: part.slice(0, 200) } });
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
