import { describe, expect, it } from 'vitest';
import { KernelProcess, endReason } from './kernel-process.ts';

const shell = (script: string) =>
  new KernelProcess({ argv: ['/bin/sh', '-c', script], cwd: '/', env: { PATH: '/bin:/usr/bin' } });

describe('a process of a kernel', () => {
  it('ends with its last words, without colours and notes', async () => {
    const script = `
      echo "NOTE: When using the \\\`ipython kernel\\\` entry point, Ctrl-C will not work."
      printf '\\033[31mTraceback\\033[0m\\n\\nImportError: no moon\\n' >&2
      exit 3`;
    expect(await shell(script).ended).toEqual({
      reason: 'It ended with exit code 3.',
      lastLines: 'Traceback\nImportError: no moon',
    });
  });

  it('keeps only the tail of a long story', async () => {
    const { lastLines } = await shell('i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo line $i; done').ended;
    expect(lastLines.split('\n')).toHaveLength(12);
    expect(lastLines.endsWith('line 5000')).toBe(true);
  });

  it('tells of its end although a child holds its pipes', async () => {
    const child = shell('sleep 100 & exit 0');
    expect((await child.ended).reason).toBe('It ended by itself.');
    child.signal('SIGKILL');
  });

  it('is killed with all its group', async () => {
    const child = shell('sleep 100; true');
    child.signal('SIGKILL');
    expect((await child.ended).reason).toContain('memory');
    expect(child.isOver).toBe(true);
    child.signal('SIGKILL');
  });

  it('that cannot be started ends with the reason', async () => {
    const missing = new KernelProcess({ argv: ['/no/such/program'], cwd: '/', env: {} });
    expect((await missing.ended).reason).toContain('ENOENT');
  });

  it.each([
    [null, 'SIGSEGV', /compiled code/],
    [null, 'SIGTERM', /SIGTERM/],
    [null, 'SIGINT', /ended by the interrupt/],
    [0, null, /by itself/],
    [1, null, /exit code 1/],
  ] as const)('code %s, signal %s', (code, signal, sentence) =>
    expect(endReason(code, signal)).toMatch(sentence),
  );
});
