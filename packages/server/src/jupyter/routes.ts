/** All of Jupyter's REST API that is there, for one `/p/:project`. What is not in these tables is not there: 404. */
import { executeRoutes } from './collaboration/execute-routes.ts';
import type { LabRooms } from './collaboration/lab-rooms.ts';
import { collaborationRoutes } from './collaboration/session-routes.ts';
import { configRoutes, type ConfigRouteDeps } from './config-routes.ts';
import { inDialect, jupyterDialect } from './dialect.ts';
import { contentsRoutes, type ContentsRouteDeps } from './contents-routes.ts';
import { eventRoutes, type EventRouteDeps } from './event-routes.ts';
import { kernelRoutes, type KernelRouteDeps } from './kernel-routes.ts';
import { loginRoutes, type LoginRouteDeps } from './login-routes.ts';
import { pageRoutes, type PageRouteDeps } from './page-routes.ts';
import { apiVersion, serverRoutes, type ServerRouteDeps } from './server-routes.ts';
import { specRoute } from './spec-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { nbconvertRoutes } from './nbconvert-routes.ts';
import { terminalRoutes } from './terminal-routes.ts';
import type { Route } from '../http/route.ts';

export type JupyterDeps = ConfigRouteDeps &
  ContentsRouteDeps &
  EventRouteDeps &
  KernelRouteDeps &
  LoginRouteDeps &
  PageRouteDeps &
  ServerRouteDeps & { readonly labRooms: LabRooms };

export function jupyterRoutes(deps: JupyterDeps): readonly Route[] {
  const api = [
    ...serverRoutes(deps),
    ...configRoutes(deps),
    ...contentsRoutes(deps),
    ...eventRoutes(deps),
    ...kernelRoutes(deps),
    ...sessionRoutes(deps),
    ...collaborationRoutes(deps.labRooms),
    ...executeRoutes(deps.labRooms),
    ...terminalRoutes(deps),
    ...nbconvertRoutes(deps),
  ];
  const routes = [...inDialect(jupyterDialect, api), ...pageRoutes(deps), ...loginRoutes(deps)];
  return [...routes, ...inDialect(jupyterDialect, [specRoute(routes, apiVersion)])];
}
