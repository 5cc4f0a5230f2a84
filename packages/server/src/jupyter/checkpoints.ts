/**
 * Jupyter's checkpoints: one copy of each file, in `.ipynb_checkpoints` beside it, where other Jupyter servers find it,
 * too. Cahier's own history knows every moment; this is for clients that know only this.
 */
import { AppError } from '@cahier/base/app-error.ts';
import { appError } from '@cahier/core/errors.ts';
import { normaliseProjectPath, parentPath } from '@cahier/core/files/project-path.ts';
import { longestFile } from '../files/routes.ts';
import { checkpointPath, type Contents } from './contents.ts';
import type { JupyterProject } from './jupyter-project.ts';

export interface CheckpointModel {
  readonly id: string;
  readonly last_modified: string;
}

const onlyId = 'checkpoint';

export class Checkpoints {
  readonly #contents: Contents;
  readonly #project: JupyterProject;

  constructor(contents: Contents, project: JupyterProject) {
    this.#contents = contents;
    this.#project = project;
  }

  async list(rawPath: string): Promise<readonly CheckpointModel[]> {
    const found = await this.#find(checkpointPath(normaliseProjectPath(rawPath)));
    return found === null ? [] : [found];
  }

  /** Throws `file/not-found`, `jupyter/bad-type`. */
  async make(rawPath: string): Promise<CheckpointModel> {
    const path = normaliseProjectPath(rawPath);
    const bytes = await this.#contents.read(path);
    const kept = checkpointPath(path);
    await this.#project.runner.call({ method: 'file.mkdir', path: parentPath(kept) }).catch(unlessThere);
    await this.#project.runner.call({ method: 'file.write', path: kept }, bytes);
    const made = await this.#find(kept);
    if (made === null) throw appError('file/not-found', { details: { path } });
    return made;
  }

  /** Throws `jupyter/no-checkpoint`. */
  async restore(rawPath: string, id: string): Promise<void> {
    const path = normaliseProjectPath(rawPath);
    const kept = await this.#kept(path, id);
    const { runner } = this.#project;
    const { payload } = await runner.call({ method: 'file.read', path: kept, maxBytes: longestFile });
    const { entry } = (await runner.call({ method: 'file.stat', path })).result;
    await this.#contents.write(path, payload, null, entry !== null);
  }

  /** Throws `jupyter/no-checkpoint`. */
  async remove(rawPath: string, id: string): Promise<void> {
    const kept = await this.#kept(normaliseProjectPath(rawPath), id);
    await this.#project.runner.call({ method: 'file.remove', path: kept });
  }

  /** The file is gone. */
  async forget(rawPath: string): Promise<void> {
    const kept = checkpointPath(normaliseProjectPath(rawPath));
    if ((await this.#find(kept)) !== null)
      await this.#project.runner.call({ method: 'file.remove', path: kept });
  }

  async moved(from: string, to: string): Promise<void> {
    const old = checkpointPath(from);
    if (from === to || (await this.#find(old)) === null) return;
    const kept = checkpointPath(to);
    await this.#project.runner.call({ method: 'file.mkdir', path: parentPath(kept) }).catch(unlessThere);
    await this.forget(to);
    await this.#project.runner.call({ method: 'file.rename', from: old, to: kept });
  }

  async #kept(path: string, id: string): Promise<string> {
    const kept = checkpointPath(path);
    if (id === onlyId && (await this.#find(kept)) !== null) return kept;
    throw appError('jupyter/no-checkpoint', { details: { path, checkpoint: id } });
  }

  async #find(kept: string): Promise<CheckpointModel | null> {
    const { entry } = (await this.#project.runner.call({ method: 'file.stat', path: kept })).result;
    if (entry?.type !== 'file') return null;
    return { id: onlyId, last_modified: new Date(entry.modifiedAt).toISOString() };
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'file/exists')) throw error;
}
