/** Puts files from the computer into a folder, one after the other; a name that exists gets a number, nothing is overwritten. */
import { AppError } from '@cahier/base/app-error.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { api } from '../link/api.ts';

export interface Uploaded {
  readonly done: readonly string[];
  readonly failed: readonly { readonly name: string; readonly why: string }[];
}

export async function uploadFiles(
  project: ProjectId,
  folder: string,
  files: readonly File[],
  onProgress: (done: number, name: string) => void,
): Promise<Uploaded> {
  const done: string[] = [];
  const failed: { name: string; why: string }[] = [];
  for (const [i, file] of files.entries()) {
    onProgress(i, file.name);
    try {
      done.push(await putUnderFreeName(project, folder, file));
    } catch (error) {
      failed.push({ name: file.name, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { done, failed };
}

async function putUnderFreeName(project: ProjectId, folder: string, file: File): Promise<string> {
  for (let n = 0; ; n++) {
    const name = n === 0 ? file.name : numbered(file.name, n);
    try {
      await api.upload(project, folder === '' ? name : `${folder}/${name}`, file, false);
      return name;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'file/exists' || n >= 20) throw error;
    }
  }
}

/** `a.tar.gz` and 2 → `a (2).tar.gz`. */
export function numbered(name: string, n: number): string {
  const match = /^(.+?)((?:\.tar)?\.[^.]+)?$/.exec(name);
  return `${match?.[1] ?? name} (${n})${match?.[2] ?? ''}`;
}
