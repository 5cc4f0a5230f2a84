/**
 * `api/resolvePath`: which file of the project a path means that stands in a traceback or a link. Absolute paths count
 * from the project's folder; relative ones from that folder, or from where a kernel runs.
 */
import { AppError } from '@cahier/base/app-error.ts';
import { joinPath, normaliseProjectPath, parentPath } from '@cahier/core/files/project-path.ts';
import { isHidden } from './contents-model.ts';
import type { JupyterProject } from './jupyter-project.ts';
import type { FoundKernel } from './kernels.ts';

export interface ResolvedPath {
  readonly scope: 'server' | 'kernel';
  readonly path: string;
}

/** `home`: the project's folder. Names nothing that is not there or is hidden. */
export async function resolvePath(
  open: JupyterProject,
  home: string,
  path: string,
  kernel: FoundKernel | null,
): Promise<readonly ResolvedPath[]> {
  const isAbsolute = path.startsWith('/');
  const inside = isAbsolute ? insideOf(home, path) : path;
  const room = kernel?.notebook && open.rooms.byDocument(kernel.notebook.document);
  const wishes: { scope: ResolvedPath['scope']; path: string | null }[] = [{ scope: 'server', path: inside }];
  if (room) {
    const fromKernel = isAbsolute || inside === null ? inside : relativeTo(parentPath(room.path), inside);
    wishes.push({ scope: 'kernel', path: fromKernel });
  }
  const found = await Promise.all(
    wishes.map(async (wish) => ({ scope: wish.scope, path: await existing(open, wish.path) })),
  );
  return found.flatMap(({ scope, path: at }) => (at === null ? [] : [{ scope, path: at }]));
}

function insideOf(home: string, path: string): string | null {
  const folder = home.endsWith('/') ? home : `${home}/`;
  return path.startsWith(folder) ? path.slice(folder.length) : null;
}

/** With `..` taken back; null when it leaves the project. */
function relativeTo(folder: string, path: string): string | null {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.reduce(joinPath, '');
}

async function existing(open: JupyterProject, path: string | null): Promise<string | null> {
  const inside = path === null ? null : relativeTo('', path);
  if (inside === null) return null;
  try {
    const normal = normaliseProjectPath(inside);
    if (normal === '' || isHidden(normal)) return null;
    const { entry } = (await open.runner.call({ method: 'file.stat', path: normal })).result;
    return entry === null || entry.type === 'other' ? null : normal;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'invalid') return null;
    throw error;
  }
}
