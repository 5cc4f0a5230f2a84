import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atomicWrite } from './atomic-write.ts';
import { withFileErrors } from './file-errors.ts';
import { ProjectFiles } from './project-files.ts';

const home = mkdtempSync(join(tmpdir(), 'cahier-full-'));
let hasSmallDisk = false;

beforeAll(() => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'cahier-test', home], { stdio: 'ignore' });
    hasSmallDisk = true;
  } catch {
    // Not root: the failure is injected below.
  }
});
afterAll(() => {
  if (hasSmallDisk) execFileSync('umount', [home]);
  rmSync(home, { recursive: true, force: true });
});

describe('a disk without space', () => {
  it('refuses the write and keeps the file as it was', async () => {
    const files = new ProjectFiles(home);
    await files.write('notebook', new TextEncoder().encode('precious'), null);
    const write = hasSmallDisk
      ? files.write('notebook', new Uint8Array(2_000_000), undefined)
      : withFileErrors('notebook', () =>
          atomicWrite(join(home, 'notebook'), new Uint8Array(1), {
            mustBeNew: false,
            beforeReplace: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
          }),
        );
    await expect(write).rejects.toMatchObject({ code: 'file/disk-full', details: { path: 'notebook' } });
    expect(readFileSync(join(home, 'notebook'), 'utf8')).toBe('precious');
    expect(readdirSync(home)).toEqual(['notebook']);
  });
});
