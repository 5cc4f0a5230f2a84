/** The person at the terminal: progress of the set-up, and the browser that may be opened for them. */
import { spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import type { SetupState } from '@cahier/protocol/client/down.ts';

/** On a terminal one line that changes, else (a log) a line for each thing that is done, without the seconds that run. */
export function setupOnTerminal(
  terminal: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
): (state: SetupState) => void {
  let last = '';
  return (state) => {
    const message = terminal.isTTY ? state.message : state.message.replace(/ \(\d+ s\)(?=…?$)/, '');
    if (message === last) return;
    last = message;
    const cure = state.cure === undefined ? '' : `\n  ${state.cure}`;
    const isOver = state.phase !== 'working';
    if (terminal.isTTY) terminal.write(`\r\x1b[K${message}${cure}${isOver ? '\n' : ''}`);
    else terminal.write(`${message}${cure}\n`);
  };
}

/** When the server listens at every network: the address that others can use, and what it means. */
export function tellNetworkAddress(host: string, port: number, terminal: NodeJS.WriteStream): void {
  if (host !== '0.0.0.0' && host !== '::') return;
  const address = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  if (address === undefined) return;
  terminal.write(
    `Others in this network reach it at http://${address}:${port}/ (without https, so only in a network you trust).\n`,
  );
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
