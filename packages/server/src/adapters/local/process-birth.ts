/** Is the process with this number still the one we knew? Numbers are used again, so the moment of its birth counts, too. */
import { readFile } from 'node:fs/promises';

/** The kernel's start time of a process (Linux); empty where it cannot be known; null when there is no such process. */
export async function processBirth(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat !== null) {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, birth] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' ? null : (birth ?? '');
  }
  return isThere(pid) ? '' : null;
}

export async function isSameProcess(pid: number, birth: string): Promise<boolean> {
  const now = await processBirth(pid);
  return now !== null && (birth === '' || now === '' || now === birth);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
