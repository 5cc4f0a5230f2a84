/**
 * The programs that people connect, what each needs of a token, and the lines with which it is done: ready to paste. Pure.
 */
import type { TokenMade } from '@cahier/protocol/http/tokens.ts';

export type ProgramId = 'jupyterlab' | 'vscode' | 'python' | 'nbclient' | 'other';

export interface Program {
  readonly id: ProgramId;
  readonly name: string;
  /** What one gets of it. */
  readonly about: string;
  readonly kind: 'header' | 'address';
  readonly scopes: readonly ('read' | 'run' | 'edit')[];
  /** How its token is called unless somebody says otherwise. */
  readonly tokenName: string;
}

export const programs: readonly Program[] = [
  {
    id: 'jupyterlab',
    name: 'JupyterLab',
    about:
      'The JupyterLab or Notebook on your own computer. Your files stay there, code runs in this project.',
    kind: 'header',
    scopes: ['read', 'run'],
    tokenName: 'My JupyterLab',
  },
  {
    id: 'vscode',
    name: 'VS Code',
    about: 'Notebooks in VS Code on your own computer. Your files stay there, code runs in this project.',
    kind: 'header',
    scopes: ['read', 'run'],
    tokenName: 'My VS Code',
  },
  {
    id: 'python',
    name: 'Python',
    about: 'A script or a program that runs code here and reads or writes files of this project.',
    kind: 'header',
    scopes: ['read', 'run', 'edit'],
    tokenName: 'My script',
  },
  {
    id: 'nbclient',
    name: 'nbclient',
    about: 'Runs whole notebooks from the command line. It gets an address of its own with the secret in it.',
    kind: 'address',
    scopes: ['read', 'run'],
    tokenName: 'My notebook runs',
  },
  {
    id: 'other',
    name: 'Something else',
    about:
      'Whatever speaks to a Jupyter server: the same address and token that a Jupyter server would have.',
    kind: 'header',
    scopes: ['read', 'run', 'edit'],
    tokenName: 'My program',
  },
];

export interface Recipe {
  /** What to do with it. */
  readonly label: string;
  readonly text: string;
}

/** How a program is started with what was just made. */
export function recipesFor(
  program: ProgramId,
  { address, token }: Pick<TokenMade, 'address' | 'token'>,
): readonly Recipe[] {
  switch (program) {
    case 'jupyterlab':
      return [
        {
          label: 'In a terminal on your computer (macOS, Linux)',
          text: `JUPYTER_GATEWAY_AUTH_TOKEN=${token} jupyter lab --gateway-url=${address}`,
        },
        {
          label: 'In PowerShell (Windows)',
          text: `$env:JUPYTER_GATEWAY_AUTH_TOKEN = "${token}"; jupyter lab --gateway-url=${address}`,
        },
      ];
    case 'vscode':
      return [
        {
          label: 'In a notebook: Select Kernel, Existing Jupyter Server…, then paste this as the URL',
          text: `${address}/?token=${token}`,
        },
      ];
    case 'python':
      return [
        {
          label: 'Run code, with the package jupyter_kernel_client',
          text: [
            'from jupyter_kernel_client import JupyterKernelClient',
            '',
            `with JupyterKernelClient(server_url="${address}",`,
            `                  token="${token}") as kernel:`,
            '    print(kernel.execute("6 * 7")["outputs"])',
          ].join('\n'),
        },
        {
          label: 'Read a file, with nothing but a terminal',
          text: `curl -H "Authorization: token ${token}" ${address}/api/contents`,
        },
      ];
    case 'nbclient':
      return [
        {
          label: 'Run a notebook, with the packages nbclient and jupyter_server',
          text: [
            'import os',
            `os.environ["JUPYTER_GATEWAY_URL"] = "${address}"`,
            '',
            'import nbformat',
            'from jupyter_server.gateway.managers import GatewayKernelManager',
            'from nbclient import NotebookClient',
            '',
            'notebook = nbformat.read("notebook.ipynb", as_version=4)',
            'NotebookClient(notebook, kernel_manager_class=GatewayKernelManager).execute()',
            'nbformat.write(notebook, "notebook.ipynb")',
          ].join('\n'),
        },
      ];
    case 'other':
      return [
        { label: 'Address of the server', text: `${address}/` },
        { label: 'Token', text: token },
      ];
    default:
      return program satisfies never;
  }
}

const words = { read: 'look', run: 'run code', edit: 'change files' } as const;

/** “look, run code”: looking is part of all. */
export function scopesInWords(scopes: readonly (keyof typeof words)[]): string {
  return (['read', 'run', 'edit'] as const)
    .filter((scope) => scope === 'read' || scopes.includes(scope))
    .map((scope) => words[scope])
    .join(', ');
}
