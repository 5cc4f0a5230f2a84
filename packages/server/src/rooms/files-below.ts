/** Paths of all files in a folder and below, as the runner lists them now. */
import type { Runner } from '../runners/runner.ts';

/** More than these are not looked at: the folder is somebody's data, not a course of notebooks. */
const mostEntries = 10_000;

/** A path that is a file gives itself; nothing there gives nothing. Throws `runner/unreachable`. */
export async function filesBelow(runner: Pick<Runner, 'call'>, path: string): Promise<readonly string[]> {
  const { result } = await runner.call({ method: 'file.stat', path });
  if (!result.entry) return [];
  if (result.entry.type !== 'directory') return [path];
  const files: string[] = [];
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const listed = await runner.call({ method: 'file.list', path: folder });
    for (const entry of listed.result.entries) {
      if (entry.type === 'directory') folders.push(entry.path);
      else files.push(entry.path);
    }
    if (files.length + folders.length > mostEntries) break;
  }
  return files;
}
