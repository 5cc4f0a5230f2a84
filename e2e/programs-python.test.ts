/** The lines that the page gives for Python, run as they are: what is pasted works. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { recipesFor } from '@cahier/web/people/programs.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { JupyterProject } from './support/jupyter-project.ts';
import { type PythonEnv, pythonEnv } from './support/python-env.ts';

const run = promisify(execFile);
const notebook = {
  cells: [
    { cell_type: 'code', execution_count: null, id: 'a', metadata: {}, outputs: [], source: 'print(6 * 7)' },
  ],
  metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 5,
};

let python: PythonEnv;
let at: JupyterProject;
beforeAll(async () => {
  python = await pythonEnv('jupyter');
  at = await JupyterProject.start((folder) =>
    writeFileSync(join(folder, 'notebook.ipynb'), JSON.stringify(notebook)),
  );
});
afterAll(() => at.stop());

async function printed(code: string): Promise<string> {
  const file = join(at.folder, 'pasted.py');
  writeFileSync(file, code);
  return (await run(python.python, [file], { cwd: at.folder, env: python.env })).stdout;
}

describe('lines to paste', () => {
  it('run code with jupyter_kernel_client', async () => {
    const made = await at.newToken({ scopes: ['run'] });
    expect(await printed(recipesFor('python', made)[0]?.text ?? '')).toContain("'text/plain': '42'");
  });

  it('run a notebook with nbclient, which sends no header', async () => {
    const made = await at.newToken({ kind: 'address', scopes: ['run'] });
    await printed(recipesFor('nbclient', made)[0]?.text ?? '');
    const written: unknown = JSON.parse(readFileSync(join(at.folder, 'notebook.ipynb'), 'utf8'));
    expect(
      z.object({ cells: z.tuple([z.looseObject({ outputs: z.unknown() })]) }).parse(written).cells[0].outputs,
    ).toEqual([{ name: 'stdout', output_type: 'stream', text: ['42\n'] }]);
  });

  it('read files with curl', async () => {
    const made = await at.newToken({ scopes: ['read'] });
    const [, word = ''] = /^curl -H "([^"]+)"/.exec(recipesFor('python', made)[1]?.text ?? '') ?? [];
    const address = (recipesFor('python', made)[1]?.text ?? '').split(' ').at(-1) ?? '';
    const { stdout } = await run('curl', ['-sS', '-H', word, address]);
    expect(stdout).toContain('"notebook.ipynb"');
  });
});
