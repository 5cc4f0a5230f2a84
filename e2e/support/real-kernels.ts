/**
 * Kernels that people use, where they come from, and how one says in each language what every notebook does. All of them
 * print `hello 📊`, come to 42, fail over a moon, ask for a name, show something bold, sleep, keep 42 and complete a word.
 */
import { dirname, join } from 'node:path';
import { type InstalledKernel, fromDebian, fromNpm, fromPypi } from './kernel-install.ts';
import { testData } from './server-process.ts';

export interface KernelCode {
  readonly print: string;
  readonly result: string;
  readonly fails: string;
  /** Prints `on`, then goes on for a minute. */
  readonly sleeps: string;
  readonly sets: string;
  readonly gets: string;
  /** A piece of code with its cursor at the end, and what it may become. */
  readonly completes: readonly [string, string];
  /** Prints `got` and the answer. */
  readonly asks?: string;
  readonly asksSecretly?: string;
  readonly shows?: string;
}

export interface RealKernel {
  readonly name: string;
  readonly spec: string;
  readonly from: 'PyPI' | 'npm' | 'Debian';
  install(): Promise<InstalledKernel>;
  readonly code: KernelCode;
  /** What jupyter_kernel_test is told beside the code; absent: the suite's client does not get on with the kernel. */
  readonly suite?: Readonly<Record<string, unknown>>;
}

const python: KernelCode = {
  print: "print('hello 📊')",
  result: '6 * 7',
  fails: "raise ValueError('no moon')",
  sleeps: "import time\nprint('on', flush=True)\ntime.sleep(60)",
  sets: 'kept = 42',
  gets: 'print(kept)',
  completes: ['impo', 'import'],
  asks: "print('got', input('name? '))",
  asksSecretly: "import getpass\nprint('got', len(getpass.getpass('word? ')))",
  shows: "from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))",
};

const pythonSuite = {
  language_name: 'python',
  file_extension: '.py',
  code_hello_world: "print('hello, world')",
  code_stderr: "import sys; print('test', file=sys.stderr)",
  completion_samples: [{ text: 'zi', matches: ['zip'] }],
  complete_code_samples: ['1', "print('hello, world')", 'def f(x):\n  return x*2\n\n\n'],
  incomplete_code_samples: ["print('''hello", 'def f(x):\n  x*2'],
  invalid_code_samples: ['import = 7q'],
  code_page_something: 'zip?',
  code_generate_error: 'raise',
  code_execute_result: [
    { code: '1+2+3', result: '6' },
    { code: '[n*n for n in range(1, 4)]', result: '[1, 4, 9]' },
  ],
  code_display_data: [
    { code: "from IPython.display import HTML, display\ndisplay(HTML('<b>test</b>'))", mime: 'text/html' },
    {
      code: "from IPython.display import Math, display\ndisplay(Math('\\\\frac{1}{2}'))",
      mime: 'text/latex',
    },
  ],
  code_history_pattern: '1?2*',
  // IPython calls the present session 0 in ranges, the suite wants its number: no range, as in ipykernel's own tests.
  supported_history_operations: ['tail', 'search'],
  code_inspect_sample: 'zip',
  code_clear_output: 'from IPython.display import clear_output\nclear_output()',
};

/** The one that Cahier makes itself. */
export const ipykernel: RealKernel = {
  name: 'ipykernel',
  spec: 'python3',
  from: 'PyPI',
  install: () => Promise.resolve({ jupyterPath: join(testData, 'python/share/jupyter'), version: '7' }),
  code: python,
  suite: pythonSuite,
};

export const xeusPython: RealKernel = {
  name: 'xeus-python',
  spec: 'xpython',
  from: 'PyPI',
  install: () => fromPypi('xeus-python', '0.19.0'),
  code: python,
  suite: pythonSuite,
};

const denoPlatform = `@deno/${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}`;

export const deno: RealKernel = {
  name: 'Deno',
  spec: 'deno',
  from: 'npm',
  // The package `deno` itself only chooses among these, in a script.
  install: () =>
    fromNpm(denoPlatform, '2.9.6', {
      name: 'deno',
      language: 'typescript',
      argv: (folder) => [join(folder, 'deno'), 'jupyter', '--kernel', '--conn', '{connection_file}'],
    }),
  code: {
    print: "console.log('hello 📊')",
    result: '6 * 7',
    fails: "throw new Error('no moon')",
    sleeps: "console.log('on')\nawait new Promise((done) => setTimeout(done, 60_000))",
    sets: 'let kept = 42',
    gets: 'console.log(kept)',
    completes: ['conso', 'console'],
    asks: "console.log('got', prompt('name? '))",
    shows: 'Deno.jupyter.html`<b>bold</b>`',
  },
};

const tslab: RealKernel = {
  name: 'tslab',
  spec: 'tslab',
  from: 'npm',
  install: () =>
    fromNpm('tslab', '1.0.22', {
      name: 'tslab',
      language: 'typescript',
      argv: (folder) => [
        process.execPath,
        join(folder, 'bin/tslab'),
        'kernel',
        '--config-path',
        '{connection_file}',
      ],
    }),
  code: {
    print: "console.log('hello 📊')",
    result: '6 * 7',
    fails: "throw new Error('no moon')",
    sleeps: "console.log('on')\nawait new Promise((done) => setTimeout(done, 60000))",
    sets: 'let kept = 42',
    gets: 'console.log(kept)',
    completes: ['Arra', 'Array'],
    shows: "import { display } from 'tslab'\ndisplay.html('<b>bold</b>')",
  },
  suite: {
    language_name: 'typescript',
    file_extension: '.ts',
    code_hello_world: "console.log('hello, world')",
    code_stderr: "console.error('test')",
    completion_samples: [{ text: 'Arra', matches: ['Array'] }],
    complete_code_samples: ['1', 'let a = 1'],
    incomplete_code_samples: ['function f() {'],
    code_generate_error: "throw new Error('no moon')",
  },
};

const irkernel: RealKernel = {
  name: 'IRkernel',
  spec: 'ir',
  from: 'Debian',
  install: () => fromDebian('r-cran-irkernel'),
  code: {
    print: 'cat("hello 📊\\n")',
    result: '6 * 7',
    fails: 'stop("no moon")',
    sleeps: 'cat("on\\n"); flush.console(); Sys.sleep(60)',
    sets: 'kept <- 42',
    gets: 'cat(kept)',
    completes: ['medi', 'median'],
    asks: 'answer <- readline("name? "); cat("got", answer)',
    shows: 'IRdisplay::display_html("<b>bold</b>")',
  },
  suite: {
    language_name: 'R',
    file_extension: '.r',
    code_hello_world: 'cat("hello, world\\n")',
    code_stderr: 'message("test")',
    completion_samples: [{ text: 'zi', matches: ['zip'] }],
    complete_code_samples: ['1', 'print("hello, world")', 'f <- function(x) x * 2'],
    incomplete_code_samples: ['print("hello', 'f <- function(x) {'],
    code_generate_error: 'raise',
    code_display_data: [{ code: 'IRdisplay::display_html("<b>test</b>")', mime: 'text/html' }],
    code_inspect_sample: 'print',
  },
};

const octave: RealKernel = {
  name: 'Octave',
  spec: 'octave',
  from: 'Debian',
  install: () => fromDebian('python3-octave-kernel'),
  code: {
    print: "disp('hello 📊')",
    result: '6 * 7',
    fails: "error('no moon')",
    sleeps: "disp('on'); fflush(stdout); pause(60)",
    sets: 'kept = 42;',
    gets: 'disp(kept)',
    completes: ['linsp', 'linspace'],
    asks: "answer = input('name? ', 's'); printf('got %s', answer)",
  },
  suite: {
    language_name: 'octave',
    file_extension: '.m',
    code_hello_world: "disp('hello, world')",
    code_stderr: "fprintf(stderr, 'test')",
    completion_samples: [{ text: 'linsp', matches: ['linspace'] }],
    code_generate_error: "error('no moon')",
    code_page_something: 'ones?',
  },
};

const sage: RealKernel = {
  name: 'SageMath',
  spec: 'sagemath',
  from: 'Debian',
  install: () => fromDebian('sagemath-jupyter', 'sagemath'),
  code: { ...python, result: 'euler_phi(43)' },
  suite: { ...pythonSuite, language_name: 'sage', code_execute_result: [{ code: '1+2+3', result: '6' }] },
};

/** Quick to install from npm and PyPI: these are tried with every change. */
export const quickKernels: readonly RealKernel[] = [ipykernel, xeusPython, deno];

/** SageMath is two gigabytes: by name only. */
export const nightlyKernels: readonly RealKernel[] = [...quickKernels, tslab, irkernel, octave];
export const allKernels: readonly RealKernel[] = [...nightlyKernels, sage];

/** What a Cahier server is started with, to know these kernels. */
export function envWith(installed: readonly InstalledKernel[]): NodeJS.ProcessEnv {
  const bin = dirname(process.execPath);
  return {
    JUPYTER_PATH: installed.map(({ jupyterPath }) => jupyterPath).join(':'),
    PATH: `${process.env['PATH'] ?? ''}:${bin}`,
  };
}
