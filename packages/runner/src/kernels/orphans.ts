/**
 * Ends kernels that an earlier runner left behind when it was killed: nobody holds their key any more. A process is
 * only touched when its command line names the connection file that belongs to the noted process id.
 */
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log.ts';

const suffix = '.json.pid';

export async function endOrphans(connectionFolder: string, log: Log): Promise<void> {
  const names = await readdir(connectionFolder).catch(() => []);
  for (const name of names.filter((each) => each.endsWith(suffix))) {
    const note = join(connectionFolder, name);
    const connectionFile = note.slice(0, -'.pid'.length);
    const pid = Number(await readFile(note, 'utf8').catch(() => ''));
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (Number.isInteger(pid) && pid > 1 && commandLine.includes(connectionFile)) {
      log.warn({ pid }, 'ending a kernel that an earlier runner left behind');
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // it ended meanwhile
      }
    }
    await Promise.all([rm(note, { force: true }), rm(connectionFile, { force: true })]);
  }
}
