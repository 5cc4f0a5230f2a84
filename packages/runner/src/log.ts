/**
 * The runner's log: one JSON line per event in the form of the server's logger (pino), so that one tool reads both.
 * Written by hand because a logging library would cost a seventh of the runner's idle memory.
 */
import { appendFileSync } from 'node:fs';

export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

const levels = { info: 30, warn: 40, error: 50 } as const;

/** A log that cannot be written (full disk) is dropped: it must never stop a kernel. */
export function fileLog(file: string, base: Readonly<Record<string, unknown>>): Log {
  const write = (level: keyof typeof levels) => (fields: Readonly<Record<string, unknown>>, msg: string) => {
    const line = JSON.stringify({ level: levels[level], time: Date.now(), ...base, ...plain(fields), msg });
    try {
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch {
      // nothing is left to tell it to
    }
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, errorAsFields(value)]));
}

function errorAsFields(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return {
    type: value.name,
    message: value.message,
    stack: value.stack,
    ...(value.cause === undefined ? {} : { cause: errorAsFields(value.cause) }),
  };
}
