/**
 * The HTTP edge: the only place that knows Fastify. It guards (host, origin), authenticates, checks the right of the
 * route, parses, answers, and turns whatever was thrown into one shape of error. It knows no noun.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AppError } from '@cahier/base/app-error.ts';
import { asProjectId, type ProjectId } from '@cahier/base/ids.ts';
import { type AccessSettings, may, type Role } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import { appError } from '@cahier/core/errors.ts';
import { httpStatusOf, toWireError } from '@cahier/protocol/wire-error.ts';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { actionInWords } from './action-in-words.ts';
import { meantBy } from './addresses.ts';
import { headersFor, preflightHeaders } from './cross-origin.ts';
import type { SiteGuard } from './origin.ts';
import type { Principal, Proof } from './principal.ts';
import { type Answer, type Dialect, RawAnswer, type Route, StreamAnswer } from './route.ts';
import { commonHeaders } from './security-headers.ts';

export interface AppDeps {
  /** Who comes by a base address with a secret in it; null: nobody (any more). */
  readonly byCapability: (capability: string, ip: string) => Promise<Principal | null>;
  /** The project that the server was started on: it is also at `/`. */
  readonly only: () => ProjectId | null;
  /** Who is asking; null: nobody is signed in. */
  readonly authenticate: (headers: IncomingHttpHeaders, ip: string) => Promise<Proof | null>;
  readonly sites: SiteGuard;
  readonly logger: Logger;
  /** The person's role in a project that is served here; null for all others. */
  readonly roleIn: (project: ProjectId, principal: Principal) => Promise<Role | null>;
  /** What the project's owner has set about rights. */
  readonly accessIn?: (project: ProjectId) => AccessSettings;
}

const longestJson = 1024 * 1024;
/** The largest file over a slow line. */
const slowestRequestMs = 30 * 60_000;
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const projectParam = z.object({ project: z.string().min(1).max(128) });

export function makeApp(routes: readonly Route[], deps: AppDeps): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: longestJson,
    genReqId: () => randomUUID().slice(0, 8),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 8192 },
    forceCloseConnections: true,
    requestTimeout: slowestRequestMs,
    rewriteUrl: (raw) => {
      const { url, capability } = meantBy(raw.url ?? '/', deps.only());
      if (capability !== null) capabilities.set(raw, capability);
      return url;
    },
  });
  const started = new WeakMap<FastifyRequest, number>();

  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const { takesBytes, dialect } = request.routeOptions.config;
    if (dialect) withBody(request, asBytes(body), done);
    else if (takesBytes === true || request.is404) done(null, body);
    else done(appError('request/invalid', { details: { why: 'its body must be JSON' } }));
  });

  const ownJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.routeOptions.config.dialect) withBody(request, asBytes(body), done);
    else void ownJson(request, asBytes(body).toString('utf8'), done);
  });

  app.addHook('onRequest', async (request, reply) => {
    started.set(request, performance.now());
    for (const [name, value] of Object.entries(commonHeaders)) void reply.header(name, value);
    const { host } = request.headers;
    if (!deps.sites.isOurs(host)) {
      throw appError('request/host', { details: { host: (host ?? '').slice(0, 100) } });
    }
    const { origin } = request.headers;
    if (origin === undefined || !request.url.startsWith('/p/') || !deps.sites.mayCall(origin)) return;
    void reply.headers(headersFor(origin));
    // a preflight says nothing of who asks, so it is answered before anybody is asked for a token
    if (request.method === 'OPTIONS') return reply.status(204).headers(preflightHeaders).send();
  });

  app.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(performance.now() - (started.get(request) ?? 0));
    const { method, id, routeOptions } = request;
    // the route's pattern, never the address as sent: that may hold a token
    const level = safeMethods.has(method) && reply.statusCode < 400 ? 'debug' : 'info';
    deps.logger[level](
      { requestId: id, method, route: routeOptions.url, status: reply.statusCode, ms },
      'request',
    );
    done();
  });

  app.setErrorHandler((error, request, reply) => {
    const { bodyLimit } = request.routeOptions;
    const known = knownError(error, bodyLimit ? `${Math.floor(bodyLimit / 2 ** 20)} MB` : null);
    const wire = toWireError(known ?? error, request.id);
    if (wire.kind === 'internal') {
      deps.logger.error(
        { requestId: request.id, route: request.routeOptions.url, err: error },
        'request failed',
      );
    }
    if (wire.retryAfterMs !== undefined) {
      void reply.header('retry-after', String(Math.ceil(wire.retryAfterMs / 1000)));
    }
    const signIn = wire.code === 'access/sign-in' ? signInPage(request) : null;
    if (signIn !== null) return reply.header('cache-control', 'no-store').redirect(signIn);
    const refusal = request.routeOptions.config.dialect?.refusal(wire);
    return reply
      .status(refusal?.status ?? httpStatusOf[wire.kind])
      .header('cache-control', 'no-store')
      .send(refusal?.body ?? wire);
  });

  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    throw appError('request/no-route', { details: { path: path.slice(0, 200) } });
  });

  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      config: {
        takesBytes: route.maxBytes !== null,
        isPage: route.isPage,
        ...(route.dialect ? { dialect: route.dialect } : {}),
      },
      bodyLimit: route.maxBytes ?? longestJson,
      onRequest: async (request, reply) => {
        proofs.set(request, await admit(route, request, reply, deps));
      },
      handler: async (request, reply) => {
        const admitted = proofs.get(request);
        if (!admitted) throw new Error('a request reached its route without the access check');
        const host = request.headers.host ?? '';
        const answer = await route.run({
          parse: (schema) => parseInput(schema, request),
          project: admitted.project,
          call: {
            principal: admitted.proof?.principal ?? null,
            bytes: request.body instanceof Uint8Array ? request.body : new Uint8Array(0),
            requestId: request.id,
            ip: request.ip,
            acceptEncoding: String(request.headers['accept-encoding'] ?? ''),
            ifNoneMatch: request.headers['if-none-match'] ?? '',
            origin: deps.sites.originFor(host),
          },
        });
        return sendAnswer(reply, answer);
      },
    });
  }
  return app;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    takesBytes?: boolean;
    isPage?: boolean;
    dialect?: Dialect;
  }
}

interface Admitted {
  readonly proof: Proof | null;
  readonly project: { readonly project: ProjectId; readonly role: Role } | null;
}
/** Requests that came by a base address, and what it was: kept apart from the address, which is passed on without. */
const capabilities = new WeakMap<IncomingMessage, string>();
const proofs = new WeakMap<FastifyRequest, Admitted>();

/** Runs before the body is read, so that nobody without a right makes the server take in megabytes. */
async function admit(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: AppDeps,
): Promise<Admitted> {
  const { headers, ip } = request;
  const { dialect } = route;
  const isSafe = safeMethods.has(request.method);
  const capability = capabilities.get(request.raw);
  if (capability !== undefined && !route.isForPrograms) {
    throw appError('request/no-route', { details: { path: '/k/' } });
  }
  const proof =
    capability === undefined
      ? await deps.authenticate(route.isForPrograms && isSafe ? withQueryToken(request) : headers, ip)
      : await byCapability(capability, ip, deps);
  if (!isSafe && proof?.by !== 'token') {
    if (!dialect && !deps.sites.isSameOrigin(headers)) throw appError('access/origin');
    if (dialect && !dialect.isWanted(request, deps.sites.socketOrigin(headers)))
      throw appError('access/xsrf');
  }
  if (proof?.renewedCookie !== undefined) void reply.header('set-cookie', proof.renewedCookie);
  const { access } = route;
  if (access === 'open') {
    // a program's token is nobody to our own pages: it must not join or sign in as the person who made it
    return { proof: !dialect && proof?.principal.limits ? null : proof, project: null };
  }
  if (!proof) throw appError('access/sign-in');
  const { limits } = proof.principal;
  if (access === 'person' || access === 'server-owner') {
    if (limits) throw forbidden('do this with a token of a project');
  }
  if (access === 'person') return { proof, project: null };
  if (access === 'server-owner') {
    if (!proof.principal.isServerOwner) throw forbidden('make projects');
    return { proof, project: null };
  }
  const params = projectParam.safeParse(request.params);
  const project = asProjectId(params.success ? params.data.project : '');
  const role = await deps.roleIn(project, proof.principal);
  if (role === null || (limits && limits.project !== project)) throw appError('project/not-found');
  if (limits && !scopesAllow(limits.scopes, access)) throw forbidden(actionInWords(access));
  if (!may(role, access, deps.accessIn?.(project))) throw forbidden(actionInWords(access));
  return { proof, project: { project, role } };
}

async function byCapability(capability: string, ip: string, deps: AppDeps): Promise<Proof | null> {
  const principal = await deps.byCapability(capability, ip);
  return principal && { principal, by: 'token' };
}

const queryToken = z.object({ token: z.string().regex(/^\S{1,512}$/) });

/** Programs that cannot send headers put their token into the address; a header counts more. */
function withQueryToken(request: FastifyRequest): IncomingHttpHeaders {
  const found = queryToken.safeParse(request.query);
  if (request.headers.authorization !== undefined || !found.success) return request.headers;
  return { ...request.headers, authorization: `token ${found.data.token}` };
}

type BodyDone = (error: Error | null, body?: unknown) => void;

/** Bodies of a dialect: JSON or a form; none at all is fine, whatever type was announced. */
function withBody(request: FastifyRequest, bytes: Buffer, done: BodyDone): void {
  if (bytes.length === 0) return done(null, undefined);
  const text = bytes.toString('utf8');
  if (/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    return done(null, Object.fromEntries(new URLSearchParams(text)));
  }
  try {
    const body: unknown = JSON.parse(text);
    done(null, body);
  } catch {
    done(appError('request/invalid', { details: { why: 'its body is not JSON' } }));
  }
}

const asBytes = (body: string | Buffer): Buffer => (typeof body === 'string' ? Buffer.from(body) : body);

/** Whoever opens a page of a project in a browser is led to where they can sign in; null: it is no such page. */
function signInPage({ method, url, headers, routeOptions }: FastifyRequest): string | null {
  const [path = '', project] = /^\/p\/([^/?]+)\/[^?]*/.exec(url) ?? [];
  const isPage = routeOptions.config.isPage === true && method === 'GET';
  if (!isPage || project === undefined || !/\btext\/html\b/.test(headers.accept ?? '')) return null;
  return `/p/${project}/login?next=${encodeURIComponent(path)}`;
}

function forbidden(action: string): AppError {
  return appError('access/forbidden', { details: { action } });
}

function parseInput<S extends z.ZodType>(schema: S, request: FastifyRequest): z.output<S> {
  const parsed = schema.safeParse({ params: request.params, query: request.query, body: request.body });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.slice(1).join('.') ?? '';
  throw appError('request/invalid', {
    details: { why: `${where} ${issue?.message ?? ''}`.trim().slice(0, 300) },
  });
}

function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer === null) return reply.status(204).header('cache-control', 'no-store').send();
  if (answer instanceof RawAnswer) {
    return reply
      .status(answer.status)
      .headers({ ...answer.headers })
      .send(answer.body);
  }
  if (answer instanceof StreamAnswer) return reply.headers({ ...answer.headers }).send(answer.body);
  return reply.header('cache-control', 'no-store').send(answer);
}

const framework = z.object({ statusCode: z.int(), message: z.string(), code: z.string().optional() });

/** Fastify's own refusals (body too large, not JSON) in our words; null when nobody knows the error. */
function knownError(error: unknown, limit: string | null): AppError | null {
  if (error instanceof AppError) return error;
  const parsed = framework.safeParse(error);
  if (!parsed.success || parsed.data.statusCode >= 500) return null;
  if (parsed.data.statusCode === 413) {
    return appError('request/too-large', { details: { limit: limit ?? 'allowed' } });
  }
  return appError('request/invalid', { details: { why: parsed.data.message.slice(0, 300) } });
}
