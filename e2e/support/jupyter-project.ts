/** A folder served by a real server, and its project's Jupyter API as a program with a token sees it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TokenMade, tokenMade } from '@cahier/protocol/http/tokens.ts';
import { ServerConnection } from '@jupyterlab/services';
import { z } from 'zod';
import { firstProject, ownerHeaders } from './http.ts';
import { ServerProcess } from './server-process.ts';

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const jupyterError = z.strictObject({ message: z.string().min(1), reason: z.string().nullable() });

export class JupyterProject {
  readonly folder: string;
  readonly server: ServerProcess;
  readonly id: string;
  readonly token: string;

  private constructor(folder: string, server: ServerProcess, id: string, token: string) {
    this.folder = folder;
    this.server = server;
    this.id = id;
    this.token = token;
  }

  /** `fill` puts files there before the server starts. */
  static async start(
    fill: (folder: string) => void = () => undefined,
    env: NodeJS.ProcessEnv = {},
  ): Promise<JupyterProject> {
    const folder = mkdtempSync(join(tmpdir(), 'cahier-jupyter-'));
    fill(folder);
    const server = await ServerProcess.start({ folder, env });
    const id = await firstProject(server);
    const { token } = await newToken(server, id, { scopes: ['run', 'edit'] });
    return new JupyterProject(folder, server, id, token);
  }

  /** `http://localhost:port/p/<project>/`. */
  get base(): string {
    return `${this.server.origin}/p/${this.id}/`;
  }

  newToken(wish: object): Promise<TokenMade> {
    return newToken(this.server, this.id, wish);
  }

  /** Of JupyterLab's own client library. `base`: another address of the same API, with a slash at its end. */
  settings(base: string = this.base, token: string = this.token): ServerConnection.ISettings {
    return ServerConnection.makeSettings({
      baseUrl: base,
      wsUrl: base.replace('http', 'ws'),
      appUrl: 'lab',
      token,
      appendToken: token !== '',
    });
  }

  ask(path: string, { method, body, headers }: Asked = {}, base: string = this.base): Promise<Response> {
    return fetch(`${base}${path}`, {
      method: method ?? 'GET',
      redirect: 'manual',
      headers: headers ?? { authorization: `token ${this.token}` },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** Status and reason of what must be a refusal in Jupyter's form. */
  async refusal(path: string, asked: Asked = {}): Promise<[number, string | null]> {
    const answer = await this.ask(path, asked);
    return [answer.status, jupyterError.parse(await answer.json()).reason];
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function newToken(server: ServerProcess, project: string, wish: object): Promise<TokenMade> {
  const answer = await fetch(`${server.origin}/api/projects/${project}/tokens`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ name: 'Lab', ...wish }),
  });
  return tokenMade.parse(await answer.json());
}
