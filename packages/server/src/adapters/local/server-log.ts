/** The server's log: one JSON line per event in the data folder; the old one is put aside when it has grown large. */
import { renameSync, statSync } from 'node:fs';
import { type Logger, pino } from 'pino';

const longestLog = 20 * 1024 * 1024;
const secrets = ['token', '*.token', '*.authorization', '*.cookie', 'headers', '*.headers', 'req', 'request'];

export function serverLog(file: string, level: string): Logger {
  try {
    if (statSync(file).size > longestLog) renameSync(file, `${file}.1`);
  } catch {
    // there is no log yet
  }
  const destination = pino.destination({ dest: file, mode: 0o600, sync: true });
  // a log that cannot be written (full disk) must not stop the server
  destination.on('error', () => {});
  const logger = pino({ level, redact: secrets }, destination);
  process.on('uncaughtExceptionMonitor', (error) => logger.fatal({ err: error }, 'uncaught'));
  return logger;
}
