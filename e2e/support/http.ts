/** What stories ask of the server over HTTP, as the owner. */
import { fileMade } from '@cahier/protocol/http/files.ts';
import { me } from '@cahier/protocol/http/people.ts';
import type { ServerProcess } from './server-process.ts';

export function ownerHeaders(server: ServerProcess): Record<string, string> {
  return {
    authorization: `Bearer ${server.token}`,
    'content-type': 'application/json',
    origin: server.origin,
  };
}

export async function firstProject(server: ServerProcess): Promise<string> {
  const { projects } = me.parse(
    await (await fetch(`${server.origin}/api/account`, { headers: ownerHeaders(server) })).json(),
  );
  const id = projects[0]?.id;
  if (id === undefined) throw new Error(`the server has no project:\n${server.log}`);
  return id;
}

export async function newNotebook(server: ServerProcess, project: string): Promise<string> {
  const answer = await fetch(`${server.origin}/api/projects/${project}/files`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ folder: '', type: 'notebook' }),
  });
  return fileMade.parse(await answer.json()).path;
}
