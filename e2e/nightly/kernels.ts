/**
 * `npm run e2e:kernels`: real kernels from npm, PyPI and Debian, each through everything that a notebook asks of it at a
 * real server, and through jupyter_kernel_test with a project in between. The table goes to e2e/nightly/KERNELS.md.
 * `-- --all` also tries SageMath (2 GB); kernels by name only these, without a page: `-- deno octave`. Debian's are
 * installed if this is root.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenMade } from '@cahier/protocol/http/tokens.ts';
import { z } from 'zod';
import { Client } from '../support/client.ts';
import { firstProject, newNotebook, ownerHeaders } from '../support/http.ts';
import type { InstalledKernel } from '../support/kernel-install.ts';
import { type Trial, trialSteps, tryKernel } from '../support/kernel-trial.ts';
import { type PythonEnv, pythonEnv } from '../support/python-env.ts';
import { PythonScript } from '../support/python-script.ts';
import { type RealKernel, allKernels, envWith, nightlyKernels } from '../support/real-kernels.ts';
import { root, ServerProcess } from '../support/server-process.ts';

const suiteMs = 180_000;
/** Kernels that write a whole trace where a sentence is asked for. */
const longestCell = 240;
const suiteTold = z.object({
  run: z.number(),
  skipped: z.array(z.string()),
  wrong: z.array(z.string()),
});
type Suite = z.infer<typeof suiteTold>;

interface Row {
  readonly kernel: RealKernel;
  readonly version: string;
  readonly trial: Trial;
  readonly suite: string;
}

async function tryOne(kernel: RealKernel, installed: InstalledKernel, python: PythonEnv): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'cahier-kernels-'));
  const env = envWith([installed]);
  const server = await ServerProcess.start({ folder, env });
  try {
    const project = await firstProject(server);
    const client = await Client.connect(server.origin, project, server.token);
    const document = await client.open(await newNotebook(server, project));
    const connections = join(server.data, 'runners', project, 'kernels');
    const trial = await tryKernel(client, document, kernel, connections);
    client.close();
    const token = await newToken(server, project);
    const url = `${server.origin}/p/${project}`;
    const suite = await suiteRuns(kernel, python, env, { CAHIER_URL: url, CAHIER_TOKEN: token });
    return { kernel, version: installed.version, trial, suite };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function newToken(server: ServerProcess, project: string): Promise<string> {
  const answer = await fetch(`${server.origin}/api/projects/${project}/tokens`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ name: 'Suite', scopes: ['run', 'edit'] }),
  });
  return tokenMade.parse(await answer.json()).token;
}

/** A test that fails without Cahier, too, is the kernel's own matter. */
async function suiteRuns(
  { spec, suite }: RealKernel,
  python: PythonEnv,
  env: NodeJS.ProcessEnv,
  project: NodeJS.ProcessEnv,
): Promise<string> {
  if (suite === undefined) return 'not of use: its client waits forever';
  const samples = {
    ...env,
    CAHIER_KERNEL: spec,
    CAHIER_SAMPLES: JSON.stringify(suite),
    CAHIER_PATIENCE: '20',
  };
  const told = await suiteRun(python, { ...samples, ...project });
  if (typeof told === 'string') return told;
  if (told.wrong.length === 0) return passes(told);
  const direct = { CAHIER_DIRECT: '1', JUPYTER_PATH: await asCahierStartsIt(spec, project) };
  const own = await suiteRun(python, { ...samples, ...project, ...direct });
  if (typeof own === 'string') return `${passes(told)}; without Cahier it ${own}`;
  const ownWrong = new Set(own.wrong.map(nameOfTest));
  const wrong = told.wrong.filter((each) => !ownWrong.has(nameOfTest(each)));
  for (const each of wrong) console.log(each);
  const alike = told.wrong.filter((each) => ownWrong.has(nameOfTest(each))).map(nameOfTest);
  return [
    passes(told),
    ...new Set(alike.map((test) => `${test} fails also without Cahier`)),
    ...new Set(wrong.map((each) => `${nameOfTest(each)} FAILS ONLY WITH CAHIER`)),
  ].join('; ');
}

function passes({ run, skipped, wrong }: Suite): string {
  const failing = new Set(wrong.map(nameOfTest)).size;
  return `${Math.max(0, run - skipped.length - failing)} pass, ${skipped.length} do not apply`;
}

/** A folder for JUPYTER_PATH: the suite's own client would take its own Python for the kernel's. */
async function asCahierStartsIt(
  name: string,
  { CAHIER_URL, CAHIER_TOKEN }: NodeJS.ProcessEnv,
): Promise<string> {
  const headers = { authorization: `token ${CAHIER_TOKEN}` };
  const answer: unknown = await (await fetch(`${CAHIER_URL}/api/kernelspecs/${name}`, { headers })).json();
  const { spec } = z.object({ spec: z.looseObject({}) }).parse(answer);
  const folder = mkdtempSync(join(tmpdir(), 'cahier-direct-'));
  mkdirSync(join(folder, 'kernels', name), { recursive: true });
  writeFileSync(join(folder, 'kernels', name, 'kernel.json'), JSON.stringify(spec));
  return folder;
}

async function suiteRun(python: PythonEnv, env: NodeJS.ProcessEnv): Promise<Suite | string> {
  const script = new PythonScript(python, join(root, 'e2e/python-clients/kernel_conformance.py'), env);
  const patience = setTimeout(() => void script.stop(), suiteMs);
  try {
    return await script.next(suiteTold);
  } catch (error) {
    return `did not end: ${error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)}`;
  } finally {
    clearTimeout(patience);
    await script.stop();
  }
}

const nameOfTest = (wrong: string) => /^\w+/.exec(wrong)?.[0] ?? wrong;

function table(rows: readonly Row[]): string {
  const cell = (text: string) => {
    const line = text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
    return line.length > longestCell ? `${line.slice(0, longestCell)} …` : line;
  };
  const line = (name: string, of: (row: Row) => string) =>
    `| ${[name, ...rows.map((row) => cell(of(row)))].join(' | ')} |`;
  return [
    line('', ({ kernel }) => kernel.name),
    line('---', () => '---').replaceAll(' ', ''),
    line('version', ({ version, kernel }) => `${version}, ${kernel.from}`),
    line('first output after', ({ trial }) => `${(trial.startMs / 1000).toFixed(1)} s`),
    ...trialSteps.map((step) => line(step, ({ trial }) => trial.said[step])),
    line('jupyter_kernel_test', ({ suite }) => suite),
  ].join('\n');
}

if (import.meta.main) {
  const words = process.argv.slice(2).map((word) => word.toLowerCase());
  const names = words.filter((word) => !word.startsWith('--'));
  const isAsked = ({ name, spec }: RealKernel) => names.includes(name.toLowerCase()) || names.includes(spec);
  const usual = words.includes('--all') ? allKernels : nightlyKernels;
  const chosen = names.length === 0 ? usual : allKernels.filter(isAsked);
  const python = await pythonEnv('jupyter');
  const rows: Row[] = [];
  const untried: string[] = [];
  for (const kernel of chosen) {
    console.log(`▸ ${kernel.name}`);
    const row = await kernel
      .install()
      .then((installed) => tryOne(kernel, installed, python))
      .catch((error: unknown) => void untried.push(`${kernel.name} could not be tried: ${String(error)}`));
    if (row === undefined) {
      console.log(untried.at(-1));
      continue;
    }
    for (const step of trialSteps) console.log(`  ${step}: ${row.trial.said[step]}`);
    console.log(`  jupyter_kernel_test: ${row.suite}`);
    rows.push(row);
  }
  const text = table(rows);
  console.log(text);
  if (names.length === 0) {
    const machine = `${cpus().length} cores, Node ${process.version}`;
    const page = `# Real kernels

Made by \`npm run e2e:kernels\` on ${new Date().toISOString().slice(0, 10)}: ${machine}. Each kernel is chosen in a notebook at a real server and goes through what a notebook asks of it; the words are what was seen. “–”: the language has no such thing, or the kernel does not offer it.

${[text, ...untried].join('\n\n')}
`;
    writeFileSync(join(import.meta.dirname, 'KERNELS.md'), page);
  }
  process.exit();
}
