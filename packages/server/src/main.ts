/**
 * The server process around serve.ts: arguments, terminal, signals and exit codes. Run by scripts/start.ts, which has
 * built the page. Standard output gets one line, the ready line; everything else goes to standard error and the log.
 */
import { spawn } from 'node:child_process';
import { renameSync, statSync } from 'node:fs';
import { AppError } from '@cahier/base/app-error.ts';
import type { SetupState } from '@cahier/protocol/client/down.ts';
import { pino, type Logger } from 'pino';
import type { DataFolder } from './adapters/local/data-folder.ts';
import { type Config, readConfig } from './config.ts';
import { type RunningServer, serve } from './serve.ts';

const longestLog = 20 * 1024 * 1024;
/** After a signal the process ends within this time, whatever is still being written. */
const endWithinMs = 6_000;

/** Runs until a signal; resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let server: RunningServer;
  let logger: Logger | null = null;
  try {
    const reading = readConfig(argv, process.env, process.cwd());
    if ('help' in reading) {
      process.stdout.write(reading.help);
      return 0;
    }
    const { config } = reading;
    server = await serve(config, {
      env: process.env,
      makeLogger: (data) => {
        logger = makeLogger(config, data);
        return logger;
      },
      onSetup: terminalSetup(),
    });
    process.stdout.write(`Cahier is ready at ${server.url}\n`);
    if (config.open) openBrowser(server.url);
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    return 1;
  }
  const signal = await endSignal();
  const late = setTimeout(() => process.exit(signal === 'SIGINT' ? 0 : 1), endWithinMs);
  late.unref();
  process.once('SIGINT', () => process.exit(130));
  await server.close(signal === 'SIGINT' ? 'stop' : 'leave');
  return 0;
}

/** SIGINT (Ctrl-C at the terminal) ends everything; SIGTERM (an update, a restart) leaves kernels alive. */
function endSignal(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve('SIGINT'));
    process.once('SIGTERM', () => resolve('SIGTERM'));
  });
}

function makeLogger(config: Config, data: DataFolder): Logger {
  try {
    if (statSync(data.logFile).size > longestLog) renameSync(data.logFile, `${data.logFile}.1`);
  } catch {
    // there is no log yet
  }
  const destination = pino.destination({ dest: data.logFile, mode: 0o600, sync: true });
  // a log that cannot be written (full disk) must not stop the server
  destination.on('error', () => {});
  const logger = pino(
    {
      level: config.logLevel,
      redact: ['token', '*.token', '*.authorization', '*.cookie', 'headers', '*.headers', 'req', 'request'],
    },
    destination,
  );
  process.on('uncaughtExceptionMonitor', (error) => logger.fatal({ err: error }, 'uncaught'));
  return logger;
}

/** On a terminal one line that changes, else a line per change. */
function terminalSetup(): (state: SetupState) => void {
  let last = '';
  return (state) => {
    if (state.message === last) return;
    last = state.message;
    const cure = state.cure === undefined ? '' : `\n  ${state.cure}`;
    const isOver = state.phase !== 'working';
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${state.message}${cure}${isOver ? '\n' : ''}`);
    else process.stderr.write(`${state.message}${cure}\n`);
  };
}

function openBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  if (program === undefined) return;
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => process.stderr.write('No browser could be opened. Open the link yourself.\n'));
  child.unref();
}

function sentenceOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return `Cahier could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
