import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const mainFile = join(import.meta.dirname, '..', 'main.ts');
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cahier-prepare-'));
  mkdirSync(join(root, 'bin'));
  // A Python whose `venv` never ends.
  const script = `#!/bin/sh\ncase "$*" in *venv*) echo $$ > "${root}/pid"; sleep 1000; touch "${root}/went-on";; *) exit 1;; esac\n`;
  writeFileSync(join(root, 'bin', 'python3'), script);
  chmodSync(join(root, 'bin', 'python3'), 0o755);
});
afterEach(() => rmSync(root, { recursive: true }));

it('told to end, prepare leaves nothing behind that goes on', async () => {
  const child = spawn(process.execPath, [mainFile, 'prepare', '--private', '--data', join(root, 'data')], {
    env: { PATH: `${root}/bin:/usr/bin:/bin`, HOME: root },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await vi.waitFor(() => expect(existsSync(join(root, 'pid'))).toBe(true), { timeout: 20_000 });
  const pid = Number(readFileSync(join(root, 'pid'), 'utf8'));
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 10_000 });
  expect(existsSync(join(root, 'went-on'))).toBe(false);
});

it('called wrongly it says how', async () => {
  const child = spawn(process.execPath, [mainFile, 'prepare'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk) => (text += String(chunk)));
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2);
  expect(text).toContain('--data DIR');
});
