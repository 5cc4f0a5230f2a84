/**
 * The one door for sockets of browsers. Whatever is not named here is refused; what is named must come from our own
 * pages (exact Origin) or bring a token, must be signed in, and must be a member of the project. Runners have a door of
 * their own, which is not on the network (runner-door.ts).
 */
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '@cahier/base/app-error.ts';
import { asProjectId, type ProjectId } from '@cahier/base/ids.ts';
import { type AccessSettings, may, type Role } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import { appError } from '@cahier/core/errors.ts';
import { httpStatusOf, toWireError } from '@cahier/protocol/wire-error.ts';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { actionInWords } from '../http/action-in-words.ts';
import { meantBy } from '../http/addresses.ts';
import { repeatsXsrf } from '../http/cookies.ts';
import type { AdmittedByDoor, AdmittedClient, Door } from '../http/door.ts';
import type { SiteGuard } from '../http/origin.ts';
import type { Principal, Proof } from '../http/principal.ts';
import { longestFrame } from './client-link.ts';

interface UpgradeGateDeps {
  readonly authenticate: (headers: IncomingHttpHeaders, ip: string) => Promise<Proof | null>;
  readonly sites: SiteGuard;
  /** Who comes by a base address with a secret in it; null: nobody (any more). */
  readonly byCapability: (capability: string, ip: string) => Promise<Principal | null>;
  /** The project that the server was started on: it is also at `/`. */
  readonly only: () => ProjectId | null;
  readonly roleIn: (project: ProjectId, principal: Principal) => Promise<Role | null>;
  /** What the project's owner has set about rights. */
  readonly accessIn?: (project: ProjectId) => AccessSettings;
  readonly onClient: (socket: WebSocket, client: AdmittedClient) => void;
  /** For Jupyter's clients. */
  readonly doors: readonly Door[];
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
  readonly #doors: readonly { readonly door: Door; readonly sockets: WebSocketServer }[];
  #isClosed = false;

  constructor(deps: UpgradeGateDeps) {
    this.#deps = deps;
    this.#doors = deps.doors.map((door) => ({ door, sockets: socketsOf(door) }));
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
    const { url, capability } = meantBy(request.url ?? '/', this.#deps.only());
    request.url = url;
    try {
      const path = pathOf(request);
      const found = this.#doors.find(({ door }) => door.path.test(path));
      if (found) {
        const client = await this.#admitBy(found.door, request, capability);
        if (socket.destroyed) return;
        socket.off('error', onError);
        found.sockets.handleUpgrade(request, socket, head, (upgraded) =>
          found.door.onSocket(upgraded, client),
        );
        return;
      }
      if (capability !== null) throw appError('request/no-route', { details: { path: '/k/' } });
      const client = await this.#admit(request, clientPath, (ip) =>
        this.#deps.authenticate(request.headers, ip),
      );
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
  async #admitBy(door: Door, request: IncomingMessage, capability: string | null): Promise<AdmittedByDoor> {
    const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
    const token = query.get('token');
    const hasToken = token !== null && /^\S{1,512}$/.test(token);
    const headers =
      hasToken && request.headers.authorization === undefined
        ? { ...request.headers, authorization: `token ${token}` }
        : request.headers;
    const prove = async (ip: string): Promise<Proof | null> => {
      if (capability === null) return this.#deps.authenticate(headers, ip);
      const principal = await this.#deps.byCapability(capability, ip);
      return principal && { principal, by: 'token' };
    };
    const client = await this.#admit(request, door.path, prove, isProgram(request.headers));
    const { limits } = client.principal;
    const { action } = door;
    const isAllowed = may(client.role, action, this.#deps.accessIn?.(client.project));
    if (!isAllowed || (limits && !scopesAllow(limits.scopes, action))) {
      throw appError('access/forbidden', { details: { action: actionInWords(action) } });
    }
    const [, , ...names] = door.path.exec(pathOf(request)) ?? [];
    return { ...client, names: names.map(decoded), query };
  }

  /** Throws `access/…`, `project/not-found`, `request/…`. */
  async #admit(
    request: IncomingMessage,
    pattern: RegExp,
    prove: (ip: string) => Promise<Proof | null>,
    mayLackOrigin = false,
  ): Promise<AdmittedClient> {
    const { sites, roleIn } = this.#deps;
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
    const proof = await prove(request.socket.remoteAddress ?? '');
    if (!proof) throw appError('access/sign-in');
    if (site === 'absent' && proof.by === 'cookie' && !mayLackOrigin) throw appError('access/origin');
    const project = asProjectId(id);
    const role = await roleIn(project, proof.principal);
    const { limits } = proof.principal;
    if (role === null || (limits && limits.project !== project)) throw appError('project/not-found');
    return { project, principal: proof.principal, role };
  }
}

/**
 * VS Code signs in as a browser does and then dials with the cookie and `X-XSRFToken`, without an Origin. A browser always
 * names the Origin of a socket and lets no page give it headers.
 */
function isProgram({ origin, cookie, 'x-xsrftoken': sent }: IncomingHttpHeaders): boolean {
  return origin === undefined && repeatsXsrf(cookie, sent);
}

function socketsOf({ longestMessage, subProtocol }: Door): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: longestMessage,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: (offered) =>
      subProtocol !== undefined && offered.has(subProtocol) ? subProtocol : false,
  });
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
