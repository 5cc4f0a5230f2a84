/** All of Jupyter's REST API that is there, for one `/p/:project`. What is not in these tables is not there: 404. */
import { inDialect, jupyterDialect } from './dialect.ts';
import { contentsRoutes, type ContentsRouteDeps } from './contents-routes.ts';
import { kernelRoutes, type KernelRouteDeps } from './kernel-routes.ts';
import { loginRoutes, type LoginRouteDeps } from './login-routes.ts';
import { serverRoutes, type ServerRouteDeps } from './server-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import type { Route } from '../http/route.ts';

export type JupyterDeps = ContentsRouteDeps & KernelRouteDeps & LoginRouteDeps & ServerRouteDeps;

export function jupyterRoutes(deps: JupyterDeps): readonly Route[] {
  const api = [...serverRoutes(deps), ...contentsRoutes(deps), ...kernelRoutes(deps), ...sessionRoutes(deps)];
  return [...inDialect(jupyterDialect, api), ...loginRoutes(deps)];
}
