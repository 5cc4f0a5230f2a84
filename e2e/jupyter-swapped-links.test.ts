/**
 * A program in the project swaps a file, and a folder, with links that lead out of it, again and again, while every way
 * to read files is asked: what is outside never comes, neither its bytes nor its hash nor its names. Each way is asked so
 * often that it met both, what is inside and what is refused.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@cahier/runner/files/project-files.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JupyterProject } from './support/jupyter-project.ts';

const inside = '{"cells":[],"metadata":{"whose":"ours"},"nbformat":4,"nbformat_minor":5}';
const foreign = `{"cells":[],"metadata":{"whose":"${'theirs'.repeat(9)}"},"nbformat":4,"nbformat_minor":5}`;
/** What would show that something came from outside: a name, text, the text in base64 wherever it begins, a hash. */
const marks = [
  'theirs',
  ...['theirs', 'heirst', 'eirsth'].map((text) => Buffer.from(text).toString('base64')),
  sha256(Buffer.from(foreign)),
];

const files = ['n.ipynb', 'page.html'];

let at: JupyterProject;
let beside: string;
let swapping: ChildProcess;

beforeAll(async () => {
  at = await JupyterProject.start((folder) => {
    beside = `${folder}-beside`;
    mkdirSync(beside);
    mkdirSync(join(folder, 'folder'));
    for (const name of files) {
      writeFileSync(join(folder, name), inside);
      writeFileSync(join(folder, 'folder', name), inside);
      writeFileSync(join(beside, name), foreign);
    }
    writeFileSync(join(beside, 'name-of-theirs.txt'), foreign);
  });
  const program = join(import.meta.dirname, 'support/swap-links.ts');
  const args = [program, at.folder, beside, 'folder', ...files];
  swapping = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
});

afterAll(async () => {
  swapping.kill('SIGKILL');
  await once(swapping, 'close');
  await at.stop();
  rmSync(beside, { recursive: true, force: true });
});

const ways = [
  'contents/n.ipynb',
  'contents/page.html',
  'contents/page.html?type=file&format=base64',
  'contents/n.ipynb?content=0&hash=1',
  'files/n.ipynb',
  'files/page.html?download=1',
  'view/page.html',
];
const asked = [...ways.flatMap((way) => [way, way.replace('/', '/folder/')]), 'contents/folder'];
const together = 10;
const least = 300;
const most = 20_000;

it.each(asked)('nothing from outside comes by %s', async (path) => {
  const ask = async () => {
    const answer = await at.ask(path.replace(/^contents/, 'api/contents'));
    return { status: answer.status, text: await answer.text() };
  };
  const statuses = new Set<number>();
  for (let n = 0; n < least || (statuses.size < 2 && n < most); n += together) {
    for (const { status, text } of await Promise.all(Array.from({ length: together }, ask))) {
      statuses.add(status);
      expect([text, marks.filter((mark) => text.includes(mark))]).toEqual([text, []]);
    }
  }
  expect(swapping.exitCode).toBeNull();
  expect([...statuses].filter((status) => ![200, 400, 404].includes(status))).toEqual([]);
  expect([statuses.has(200), statuses.size > 1]).toEqual([true, true]);
});
