/**
 * JupyterLab's page: one HTML file with the configuration that its parts read, and the policy that keeps it as safe as
 * our own page. No script runs that is not of the build, none is evaluated from text: an output with scripts shows, but
 * does nothing. Why: docs/decisions/0004-jupyterlab.md.
 */
import type { LabBuild } from './lab-build.ts';

export interface LabPage {
  readonly build: LabBuild;
  /** As in the address. */
  readonly project: string;
  readonly name: string;
  /** What is opened; empty: whatever was open the last time. */
  readonly path: string;
  /** `default`, or what stands in the address after `/workspaces/`. */
  readonly workspace: string;
  readonly mayRun: boolean;
}

/** Where builds are served; a build's key follows. */
export const labFiles = '/jupyterlab';

/** Parts that ask for what only a Python server has, or that Cahier does better in its own page. */
const leftOut: readonly string[] = [
  '@jupyterlab/apputils-extension:announcements',
  '@jupyterlab/help-extension:licenses',
  '@jupyterlab/lsp-extension',
  '@jupyterlab/notebook-extension:language-server',
  '@jupyterlab/fileeditor-extension:language-server',
  '@jupyter/collaboration-extension:shared-link',
  '@jupyter/docprovider-extension:statusBarTimeline',
];

/** Messages that are housekeeping: they do not make a kernel look busy. Source: jupyter_server's default. */
const housekeeping: readonly string[] = [
  'comm_info_request',
  'comm_info_reply',
  'kernel_info_request',
  'kernel_info_reply',
  'shutdown_request',
  'shutdown_reply',
  'interrupt_request',
  'interrupt_reply',
  'debug_request',
  'debug_reply',
  'stream',
  'display_data',
  'update_display_data',
  'execute_input',
  'execute_result',
  'error',
  'status',
  'clear_output',
  'debug_event',
  'input_request',
  'input_reply',
];

/** `origin` as the browser sees it: scripts may only come from the build's own folder there. */
export function labPolicy(origin: string, key: string): string {
  return [
    "default-src 'none'",
    `script-src ${origin}${labFiles}/${key}/`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self' blob:",
    'object-src blob:',
    "media-src 'self' blob: data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function labPage(page: LabPage): string {
  const { build, name } = page;
  const files = `${labFiles}/${build.key}`;
  const style = build.style === null ? '' : `<link rel="stylesheet" href="${files}/${build.style}">`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inHtml(name)} – JupyterLab</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
${style}
<script id="jupyter-config-data" type="application/json">${inScript(configOf(page))}</script>
<script type="module" src="${files}/${build.entry}"></script>
<body>
<p id="cahier-opening" role="status">Opening JupyterLab…</p>
<noscript>JupyterLab needs JavaScript, which is switched off in this browser.</noscript>
</body>
</html>
`;
}

function configOf({ build, project, name, path, workspace, mayRun }: LabPage): object {
  const base = `/p/${project}/`;
  return {
    appName: `${name} – JupyterLab`,
    appNamespace: 'lab',
    appVersion: build.version,
    appUrl: '/lab',
    baseUrl: base,
    fullAppUrl: `${base}lab`,
    fullStaticUrl: `${labFiles}/${build.key}`,
    settingsUrl: '/lab/api/settings',
    themesUrl: '/lab/api/themes',
    translationsApiUrl: '/lab/api/translations',
    workspacesApiUrl: '/lab/api/workspaces',
    treeUrl: '/lab/tree',
    treePath: path,
    workspace,
    mode: 'multiple-document',
    collaborative: 'true',
    serverSideExecution: 'true',
    terminalsAvailable: String(mayRun),
    notebookStartsKernel: String(mayRun),
    delete_to_trash: 'false',
    allow_hidden_files: 'false',
    buildAvailable: 'false',
    buildCheck: 'false',
    quitButton: 'false',
    exposeAppInBrowser: 'false',
    cacheFiles: 'false',
    devMode: 'false',
    // Jupyter's own list, in its own shape
    untracked_message_types: housekeeping,
    disabledExtensions: [...leftOut, ...build.replaced],
    deferredExtensions: [],
    federated_extensions: [],
    cahierUrl: `/p/${project}`,
    cahierProject: name,
    cahierMayRun: String(mayRun),
  };
}

function inHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** JSON inside a script element: nothing in it can end the element. */
function inScript(value: object): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
