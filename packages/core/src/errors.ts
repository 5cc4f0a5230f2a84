/**
 * The catalogue of errors: permanent code → kind and a sentence that says what happened, why, and what to do.
 * `{name}` in a sentence is filled from `details`. New codes are added here and nowhere else.
 */
import { AppError, type AppErrorOptions, type ErrorKind } from '@cahier/base/app-error.ts';

interface Catalogued {
  readonly kind: ErrorKind;
  readonly sentence: string;
}

export const errorCatalogue = {
  // wires
  'frame/malformed': {
    kind: 'invalid',
    sentence: 'The message could not be read: {why}. Reload the page; if it happens again, report it.',
  },
  'frame/too-large': {
    kind: 'too-large',
    sentence: 'The message is larger than {limit} bytes and was refused.',
  },
  'protocol/mismatch': {
    kind: 'conflict',
    sentence: 'This page is older or newer than the server. Reload the page.',
  },
  'link/offline': {
    kind: 'unavailable',
    sentence:
      'There is no connection to the server right now. Your text is kept here; try this again when it is back.',
  },
  'link/cut': {
    kind: 'unavailable',
    sentence: 'The connection was cut before the server answered. Look whether it was done, then try again.',
  },
  'page/unexpected': {
    kind: 'internal',
    sentence: 'Something went wrong in this page: {why}. Your text is safe; reload the page to go on.',
  },
  'internal/unexpected': {
    kind: 'internal',
    sentence: 'Something went wrong on the server. Your text is safe; the log has it under {requestId}.',
  },
  // people and access
  'access/sign-in': {
    kind: 'unauthenticated',
    sentence: 'You are not signed in. Open the link that the server printed, or an invitation.',
  },
  'access/forbidden': {
    kind: 'forbidden',
    sentence: 'You may not {action} here. Ask the owner of the project.',
  },
  'access/xsrf': {
    kind: 'forbidden',
    sentence:
      "The request was refused: '_xsrf' argument missing from POST, or not the one of the cookie. Send a token instead.",
  },
  'access/origin': { kind: 'forbidden', sentence: 'The request came from another site and was refused.' },
  'invitation/unknown': {
    kind: 'not-found',
    sentence: 'This invitation is not valid (any more). Ask for a new one.',
  },
  'token/unknown': { kind: 'not-found', sentence: 'This token does not exist (any more).' },
  'people/not-in-project': { kind: 'not-found', sentence: 'This person is not in the project.' },
  'people/last-owner': {
    kind: 'conflict',
    sentence: 'A project needs an owner. Make somebody else an owner first.',
  },
  'request/invalid': { kind: 'invalid', sentence: 'The request was not understood: {why}.' },
  'request/too-large': { kind: 'too-large', sentence: 'The request is larger than {limit} and was refused.' },
  'request/no-route': { kind: 'not-found', sentence: 'There is nothing at {path}.' },
  'request/host': {
    kind: 'forbidden',
    sentence: 'This server is not called “{host}”. Start it with --allow-host {host} if that name is right.',
  },
  'page/not-built': {
    kind: 'unavailable',
    sentence: 'The web page has not been built. Start the server with “npm start”, which builds it.',
  },
  'server/stopping': {
    kind: 'unavailable',
    sentence: 'The server is stopping. Your text is safe; the page comes back with the server.',
  },
  'request/rate-limited': {
    kind: 'rate-limited',
    sentence: 'Too many requests. Wait a moment and try again.',
  },
  // starting the server: each ends the process with this sentence
  'start/usage': { kind: 'invalid', sentence: '{why}. “npm start -- --help” explains every option.' },
  'start/port-in-use': {
    kind: 'conflict',
    sentence: 'Port {port} is in use by another program. Choose another one with --port.',
  },
  'start/address': {
    kind: 'unavailable',
    sentence: 'Cannot listen at {host}:{port}: {why}. Choose others with --host and --port.',
  },
  'start/folder': {
    kind: 'not-found',
    sentence: 'The folder “{folder}” cannot be used: {why}. Give a folder that you may read.',
  },
  'start/data': {
    kind: 'unavailable',
    sentence:
      'The data folder “{data}” cannot be written: {why}. Free some space or choose another with --data.',
  },
  'start/data-inside': {
    kind: 'invalid',
    sentence:
      'The data folder “{data}” lies inside the project folder, where its secrets would be files of the project. Choose another place with --data.',
  },
  'start/newer-data': {
    kind: 'conflict',
    sentence:
      'The data in “{data}” was written by a newer Cahier ({app}). Update this one, or choose another folder with --data.',
  },
  'start/locked': {
    kind: 'conflict',
    sentence:
      'Another Cahier (process {pid}) is using “{data}”. Stop it, or choose another folder with --data.',
  },
  // projects and files
  'project/not-found': { kind: 'not-found', sentence: 'There is no such project, or you are not in it.' },
  'file/not-found': { kind: 'not-found', sentence: 'There is no file “{path}”.' },
  'file/exists': {
    kind: 'conflict',
    sentence: 'There is already something called “{path}”. Choose another name.',
  },
  'file/changed': { kind: 'conflict', sentence: '“{path}” was changed by another program meanwhile.' },
  'file/outside': { kind: 'invalid', sentence: '“{path}” is not inside the project.' },
  'file/not-permitted': {
    kind: 'forbidden',
    sentence: 'The system does not allow access to “{path}”. Check its permissions.',
  },
  'file/disk-full': {
    kind: 'unavailable',
    sentence:
      'The disk is full or read-only: “{path}” was not written. Free some space; Cahier will try again.',
  },
  'file/too-large': {
    kind: 'too-large',
    sentence: '“{path}” has {size} bytes; the limit for opening it is {limit}.',
  },
  'file/is-directory': { kind: 'invalid', sentence: '“{path}” is a folder.' },
  'file/failed': { kind: 'internal', sentence: '“{path}” could not be read or written: {why}.' },
  // Jupyter's API
  'jupyter/bad-type': { kind: 'invalid', sentence: '“{path}” is {what}.' },
  'jupyter/bad-format': { kind: 'invalid', sentence: '“{path}” is not UTF-8 text.' },
  'jupyter/refused': { kind: 'invalid', sentence: 'The request was refused: {why}' },
  'jupyter/no-kernel': { kind: 'not-found', sentence: 'Kernel does not exist: {kernel}' },
  'jupyter/no-session': { kind: 'not-found', sentence: 'Session not found: {session}' },
  'jupyter/no-request': { kind: 'not-found', sentence: 'Execution request does not exist: {request}' },
  'jupyter/no-checkpoint': { kind: 'not-found', sentence: 'Checkpoint does not exist: {path}@{checkpoint}' },
  'jupyter/no-shutdown': {
    kind: 'forbidden',
    sentence:
      'A client of one project cannot stop the server. Whoever started it stops it; a kernel ends by DELETE.',
  },
  // JupyterLab
  'lab/not-prepared': {
    kind: 'unavailable',
    sentence:
      'JupyterLab is not prepared on this server yet. Choose “Open in JupyterLab” in Cahier, which prepares it.',
  },
  'lab/no-setting': { kind: 'not-found', sentence: 'JupyterLab has no settings called “{id}” here.' },
  'lab/bad-setting': {
    kind: 'invalid',
    sentence: 'JupyterLab’s settings “{id}” were not kept: {why}. Correct the text and save it again.',
  },
  'lab/no-workspace': { kind: 'not-found', sentence: 'JupyterLab has no workspace called “{id}” here.' },
  'lab/too-much': {
    kind: 'too-large',
    sentence: 'JupyterLab’s {what} were not kept: {why}. Delete some that are not needed.',
  },
  // documents
  'document/not-found': { kind: 'not-found', sentence: 'This document is not open. Open it again.' },
  'document/epoch': {
    kind: 'conflict',
    sentence: 'The server keeps another history of this document. Your unsent changes were put into a copy.',
  },
  'document/binary': { kind: 'invalid', sentence: '“{path}” is not text. It can be downloaded, not edited.' },
  'notebook/not-json': {
    kind: 'invalid',
    sentence: '“{path}” is not a notebook: {why}. The file was left untouched.',
  },
  'notebook/invalid': {
    kind: 'invalid',
    sentence: '“{path}” breaks the notebook format: {why}. It is shown as text and was left untouched.',
  },
  'notebook/too-new': {
    kind: 'invalid',
    sentence:
      '“{path}” has notebook format {version}; Cahier writes format 4. It is shown as text and was left untouched.',
  },
  'cell/not-found': { kind: 'not-found', sentence: 'This cell does not exist any more.' },
  // history and storage
  'history/not-durable': {
    kind: 'unavailable',
    sentence:
      'The server cannot write to its disk: {why}. Typing goes on here and is kept; it will be saved when the disk is back.',
  },
  'history/damaged': {
    kind: 'internal',
    sentence: 'Part {segment} of this history is damaged and is not shown. The rest is intact.',
  },
  'git/no-version': {
    kind: 'not-found',
    sentence: 'Git has no file “{path}” in the commit {revision}. Choose another commit.',
  },
  'history/range': { kind: 'invalid', sentence: 'There is no such moment in this history.' },
  'history/purge-unwritten': {
    kind: 'conflict',
    sentence:
      'The file of this document is still what it was in this part of its history. Wait until it is written, then try again.',
  },
  'storage/too-new': {
    kind: 'unavailable',
    sentence:
      '“{path}” was written by a newer version of Cahier (data version {found}; this one knows {known}). Update Cahier; nothing was changed.',
  },
  'storage/open-failed': {
    kind: 'unavailable',
    sentence: '“{path}” could not be opened: {why}. Cahier keeps its data there; nothing was changed.',
  },
  'object/unreachable': {
    kind: 'unavailable',
    sentence:
      'The store for old history did not do what was asked: {why}. Nothing is lost; try again later, or ask whoever runs this server.',
  },
  'blob/not-found': { kind: 'not-found', sentence: 'This output is no longer stored.' },
  // kernels and runs
  'kernelspec/not-found': {
    kind: 'not-found',
    sentence: 'There is no kernel called “{name}” here. Choose another one.',
  },
  'kernelspec/language': {
    kind: 'unavailable',
    sentence:
      'This notebook is written in {language}, and its kernel “{name}” is not installed here. Choose another kernel, or install that one.',
  },
  'kernelspec/none': { kind: 'unavailable', sentence: 'No kernel is installed. {cure}' },
  'kernel/start-failed': { kind: 'unavailable', sentence: 'The kernel “{name}” did not start: {why}' },
  'kernel/dead': {
    kind: 'unavailable',
    sentence: 'The kernel died. Its variables are gone; restart it to go on.',
  },
  'kernel/not-running': { kind: 'conflict', sentence: 'No kernel is running for this notebook.' },
  'kernel/timeout': { kind: 'timeout', sentence: 'The kernel did not answer in time.' },
  'run/input-pending': {
    kind: 'conflict',
    sentence: 'The running cell waits for input. Answer it or interrupt the kernel.',
  },
  'cell/running': {
    kind: 'conflict',
    sentence:
      'This cell is running: a new result is on its way. Wait until it is done, or interrupt the kernel.',
  },
  'run/no-input': { kind: 'conflict', sentence: 'No cell waits for input any more.' },
  'terminal/not-found': {
    kind: 'not-found',
    sentence: 'The terminal “{name}” has ended, or never was. Open a new one.',
  },
  'terminal/too-many': {
    kind: 'conflict',
    sentence: 'This project has {limit} terminals, which is the most it may have. Close one first.',
  },
  'terminal/start-failed': { kind: 'unavailable', sentence: 'The terminal did not start: {why}.' },
  'nbconvert/not-installed': {
    kind: 'not-found',
    sentence:
      'This project has no nbconvert, which converts notebooks. Install it with “python3 -m pip install nbconvert”.',
  },
  'nbconvert/no-format': {
    kind: 'not-found',
    sentence: 'There is no format “{format}” that nbconvert could write here. It can write: {formats}.',
  },
  'nbconvert/no-notebook': {
    kind: 'invalid',
    sentence: '“{path}” could not be written as {format}, because it is not a valid notebook: {why}.',
  },
  'nbconvert/failed': {
    kind: 'unavailable',
    sentence: 'The notebook could not be written as {format}: {why}.',
  },
  'runner/unreachable': {
    kind: 'unavailable',
    sentence:
      'The process that runs code for this project is not there. It is being started again; editing works meanwhile.',
  },
} as const satisfies Record<string, Catalogued>;

export type ErrorCode = keyof typeof errorCatalogue;

/** Builds the catalogued error. Values of `details` fill the `{name}` places of the sentence. */
export function appError(code: ErrorCode, options: AppErrorOptions = {}): AppError {
  const { kind, sentence } = errorCatalogue[code];
  const message = sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = options.details?.[name];
    return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  });
  return new AppError(code, kind, message, options);
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}
