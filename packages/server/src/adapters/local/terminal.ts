/** The person at the terminal: progress of the set-up, and the browser that may be opened for them. */
import { spawn } from 'node:child_process';
import type { SetupState } from '@cahier/protocol/client/down.ts';

/** On a terminal one line that changes, else a line per change. */
export function setupOnTerminal(terminal: NodeJS.WriteStream): (state: SetupState) => void {
  let last = '';
  return (state) => {
    if (state.message === last) return;
    last = state.message;
    const cure = state.cure === undefined ? '' : `\n  ${state.cure}`;
    const isOver = state.phase !== 'working';
    if (terminal.isTTY) terminal.write(`\r\x1b[K${state.message}${cure}${isOver ? '\n' : ''}`);
    else terminal.write(`${state.message}${cure}\n`);
  };
}

export function openBrowser(url: string, onFailed: () => void): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? (['open', url] as const)
      : process.platform === 'win32'
        ? (['cmd', '/c', 'start', '', url] as const)
        : (['xdg-open', url] as const);
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', onFailed);
  child.unref();
}
