/**
 * A route as a value: who may call it, what it accepts, what it does. Routes are collected in tables and mounted by
 * app.ts, which authenticates, checks the right, parses and answers; so no route can forget to. The route × role test
 * reads the same tables.
 */
import type { Readable } from 'node:stream';
import type { ProjectId } from '@cahier/base/ids.ts';
import type { Action, Role } from '@cahier/core/access/rights.ts';
import type { WireError } from '@cahier/protocol/wire-error.ts';
import type { z } from 'zod';
import type { Principal } from './principal.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** `open`: anyone. `person`: who is signed in. `server-owner`. An action: who may do it in the path's `:project`. */
export type Access = 'open' | 'person' | 'server-owner' | Action;

export interface OpenCall<Input> {
  readonly input: Input;
  /** The body as it came, for routes with `maxBytes`; else empty. */
  readonly bytes: Uint8Array;
  readonly principal: Principal | null;
  readonly requestId: string;
  readonly ip: string;
  readonly acceptEncoding: string;
  readonly ifNoneMatch: string;
  /** `http://host:port` as the browser sees it. */
  readonly origin: string;
}
export interface PersonCall<Input> extends OpenCall<Input> {
  readonly principal: Principal;
}
export interface ProjectCall<Input> extends PersonCall<Input> {
  readonly project: ProjectId;
  readonly role: Role;
}

/** An answer that is not JSON, or needs a status or headers of its own. */
export class RawAnswer {
  readonly body: Uint8Array | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;

  constructor(body: Uint8Array | string, headers: Readonly<Record<string, string>>, status = 200) {
    this.body = body;
    this.headers = headers;
    this.status = status;
  }
}

/** An answer that is made while it is sent. An error after its beginning cuts the connection. */
export class StreamAnswer {
  readonly body: Readable;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: Readable, headers: Readonly<Record<string, string>>) {
    this.body = body;
    this.headers = headers;
  }
}

/** How routes differ that follow somebody else's protocol (Jupyter's): only at the edge, never in who may do what. */
export interface Dialect {
  /** The answer to an error. */
  refusal(error: WireError): { readonly status: number; readonly body: object };
  /** May a request that changes something go on that brought a cookie and no token? */
  isWanted(request: EdgeRequest, origin: 'ours' | 'foreign' | 'absent'): boolean;
}

export interface EdgeRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: unknown;
}

/** An object or array becomes JSON; null is 204. */
export type Answer = object | RawAnswer | StreamAnswer | null;

interface RouteBase<I extends z.ZodType> {
  readonly method: Method;
  /** Fastify's syntax: `/api/projects/:project/files`. */
  readonly path: string;
  /** What is parsed: any of `{ params, query, body }`. */
  readonly input: I;
  /** The body is bytes of any type, up to this size; without it a body must be JSON (at most 1 MB). */
  readonly maxBytes?: number;
  readonly isForPrograms?: boolean;
  readonly isPage?: boolean;
}

export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly access: Access;
  /** What it takes: any of `{ params, query, body }`. */
  readonly input: z.ZodType;
  readonly maxBytes: number | null;
  /**
   * Absent: our own. With one, bodies are JSON (or a form) whatever type they say they have.
   */
  readonly dialect?: Dialect;
  /** `?token=` counts like a header when nothing is changed, and a base address leads here. With a dialect: always. */
  readonly isForPrograms: boolean;
  /** People open its address in a browser: who is not signed in is led to the sign-in page of the project. */
  readonly isPage: boolean;
  /** Called after authentication and the access check. */
  run(raw: {
    readonly parse: <S extends z.ZodType>(schema: S) => z.output<S>;
    readonly call: Omit<OpenCall<unknown>, 'input'>;
    readonly project: { readonly project: ProjectId; readonly role: Role } | null;
  }): Promise<Answer>;
}

export function openRoute<I extends z.ZodType>(
  spec: RouteBase<I> & { handle(call: OpenCall<z.output<I>>): Promise<Answer> },
): Route {
  return {
    method: spec.method,
    path: spec.path,
    access: 'open',
    input: spec.input,
    isForPrograms: spec.isForPrograms ?? false,
    isPage: spec.isPage ?? false,
    maxBytes: spec.maxBytes ?? null,
    run: async ({ parse, call }) => spec.handle({ ...call, input: parse(spec.input) }),
  };
}

export function personRoute<I extends z.ZodType>(
  spec: RouteBase<I> & {
    readonly access?: 'person' | 'server-owner';
    handle(call: PersonCall<z.output<I>>): Promise<Answer>;
  },
): Route {
  return {
    method: spec.method,
    path: spec.path,
    access: spec.access ?? 'person',
    input: spec.input,
    isForPrograms: spec.isForPrograms ?? false,
    isPage: spec.isPage ?? false,
    maxBytes: spec.maxBytes ?? null,
    run: async ({ parse, call }) => {
      const { principal } = call;
      if (!principal) throw new Error('a person route was run without a person');
      return spec.handle({ ...call, principal, input: parse(spec.input) });
    },
  };
}

/** The path has `:project`. What else it names (a document, a person) the route must check to be of that project. */
export function projectRoute<I extends z.ZodType>(
  spec: RouteBase<I> & {
    readonly action: Action;
    handle(call: ProjectCall<z.output<I>>): Promise<Answer>;
  },
): Route {
  return {
    method: spec.method,
    path: spec.path,
    access: spec.action,
    input: spec.input,
    isForPrograms: spec.isForPrograms ?? false,
    isPage: spec.isPage ?? false,
    maxBytes: spec.maxBytes ?? null,
    run: async ({ parse, call, project }) => {
      const { principal } = call;
      if (!principal || !project) throw new Error('a project route was run without a project');
      return spec.handle({ ...call, principal, ...project, input: parse(spec.input) });
    },
  };
}
