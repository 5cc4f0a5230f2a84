/** A copy of a whole folder, file by file through the runner; what was made stays when a later file cannot be read. */
import { appError } from '@cahier/core/errors.ts';
import { joinPath } from '@cahier/core/files/project-path.ts';
import type { FileEntry } from '@cahier/protocol/project-facts.ts';
import { longestFile } from '../files/routes.ts';
import type { Runner } from '../runners/runner.ts';

/** As in the reference server. */
const mostBytes = 500 * 1024 * 1024;
const mostEntries = 10_000;

/** `to` must be new; it may lie in `from`. Throws `jupyter/refused` for too much of it, before anything is made. */
export async function copyFolder(runner: Pick<Runner, 'call'>, from: string, to: string): Promise<void> {
  const entries = await everythingIn(runner, from);
  await runner.call({ method: 'file.mkdir', path: to });
  for (const { path, type } of entries) {
    const place = joinPath(to, path.slice(from.length + 1));
    if (type === 'directory') {
      await runner.call({ method: 'file.mkdir', path: place });
      continue;
    }
    const { payload } = await runner.call({ method: 'file.read', path, maxBytes: longestFile });
    await runner.call({ method: 'file.write', path: place, ifHash: null }, payload);
  }
}

/** Folders before what is in them. What is neither file nor folder is left out. */
async function everythingIn(runner: Pick<Runner, 'call'>, from: string): Promise<readonly FileEntry[]> {
  const found: FileEntry[] = [];
  const folders = [from];
  let bytes = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const { entries } = (await runner.call({ method: 'file.list', path: folder })).result;
    for (const entry of entries) {
      if (entry.type === 'other') continue;
      if (entry.type === 'directory') folders.push(entry.path);
      else bytes += entry.size;
      found.push(entry);
      if (bytes > mostBytes || found.length > mostEntries) throw tooMuch(from);
    }
  }
  return found;
}

function tooMuch(path: string) {
  const why = `Folders of more than ${mostBytes / 2 ** 20} MB or ${mostEntries} files are not copied here, and “${path}” is one.`;
  return appError('jupyter/refused', { details: { why } });
}
