/**
 * Everything that can be set, in one object: a field is described once and `--help`, flags, environment and defaults
 * come from it. Flags win over the environment, the environment over defaults.
 */
import { resolve } from 'node:path';
import { appError } from '@cahier/core/errors.ts';
import { z } from 'zod';

interface Source {
  readonly flag?: string;
  readonly value?: string;
  readonly env?: string;
}

const sources = z.registry<Source>();

const port = z.coerce.number('must be a number').int().min(0).max(65_535);
const flagOn = z.union([
  z.boolean(),
  z.enum(['1', 'true', '0', 'false', '']).transform((v) => v === '1' || v === 'true'),
]);
const list = z.union([
  z.array(z.string()),
  z.string().transform((v) => v.split(',').filter((name) => name !== '')),
]);

export const configSchema = z.object({
  folder: z
    .string()
    .optional()
    .describe('A folder that becomes the project; without it, the projects kept in the data folder.')
    .register(sources, { value: 'folder' }),
  port: port
    .default(8400)
    .describe('TCP port of the server; 0 takes a free one.')
    .register(sources, { flag: 'port', value: 'N', env: 'CAHIER_PORT' }),
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen at; 0.0.0.0 for every network this machine is in.')
    .register(sources, { flag: 'host', value: 'H', env: 'CAHIER_HOST' }),
  data: z
    .string()
    .min(1)
    .default('./data')
    .describe('Folder for everything Cahier keeps: history, outputs, people, projects.')
    .register(sources, { flag: 'data', value: 'DIR', env: 'CAHIER_DATA' }),
  open: flagOn
    .default(false)
    .describe('Open the page in the browser when the server is ready.')
    .register(sources, { flag: 'open' }),
  allowHost: list
    .default([])
    .describe('A further name by which browsers may call this server; may be repeated.')
    .register(sources, { flag: 'allow-host', value: 'NAME', env: 'CAHIER_ALLOW_HOST' }),
  allowOrigin: list
    .pipe(z.array(z.string().regex(/^https?:\/\/[^/\s]+$/, 'must be like https://name:port')))
    .default([])
    .describe('A site (https://name) whose pages may use Jupyter’s API with a token; may be repeated.')
    .register(sources, { flag: 'allow-origin', value: 'ORIGIN', env: 'CAHIER_ALLOW_ORIGIN' }),
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'must begin with http:// or https://' })
    .optional()
    .describe('Address under which a proxy in front (for https) shows this server.')
    .register(sources, { flag: 'public-url', value: 'URL', env: 'CAHIER_PUBLIC_URL' }),
  prepare: flagOn
    .default(true)
    .describe('Environment only; 0: no Python environment is made when no kernel is found.')
    .register(sources, { env: 'CAHIER_PREPARE' }),
  jupyterlab: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Environment only; folder of prepared JupyterLab pages. Without it, jupyterlab in the data folder.',
    )
    .register(sources, { env: 'CAHIER_JUPYTERLAB' }),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('How much goes to log/server.log in the data folder: debug, info, warn or error.')
    .register(sources, { flag: 'log-level', value: 'LEVEL', env: 'CAHIER_LOG_LEVEL' }),
  token: z
    .string()
    .min(8, 'must have at least 8 characters')
    .max(256)
    .regex(/^[\x21-\x7e]+$/, 'must be printable characters without spaces')
    .optional()
    .describe(
      "Environment only; the owner's token, for scripts. Without it one is made and kept in the data folder.",
    )
    .register(sources, { env: 'CAHIER_TOKEN' }),
});
export type Config = z.output<typeof configSchema>;

export type Reading = { readonly help: string } | { readonly config: Config };

/** Throws `start/usage`. Paths come out absolute, from `cwd`. */
export function readConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Reading {
  if (argv.includes('--help') || argv.includes('-h')) return { help: helpText() };
  const parsed = configSchema.safeParse({ ...fromEnvironment(env), ...fromFlags(argv) });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw usage(`${nameOf(String(issue?.path[0] ?? ''))} is not right: ${issue?.message ?? 'unreadable'}`);
  }
  const config = parsed.data;
  return {
    config: {
      ...config,
      data: resolve(cwd, config.data),
      ...(config.folder === undefined ? {} : { folder: resolve(cwd, config.folder) }),
      ...(config.jupyterlab === undefined ? {} : { jupyterlab: resolve(cwd, config.jupyterlab) }),
    },
  };
}

function fields(): readonly {
  readonly key: string;
  readonly source: Source;
  readonly about: string;
  readonly fallback: unknown;
}[] {
  return Object.entries(configSchema.shape).map(([key, schema]) => ({
    key,
    source: sources.get(schema) ?? {},
    about: schema.description ?? '',
    fallback: schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined,
  }));
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { key, source } of fields()) {
    const value = source.env === undefined ? undefined : env[source.env];
    if (value !== undefined && value !== '') found[key] = value;
  }
  return found;
}

const mayRepeat: ReadonlySet<string> = new Set(['allowHost', 'allowOrigin']);

function fromFlags(argv: readonly string[]): Record<string, string | boolean | string[]> {
  const found: Record<string, string | boolean | string[]> = {};
  const repeated = new Map<string, string[]>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      if (found['folder'] !== undefined) throw usage(`Only one folder can be given, not also “${word}”`);
      found['folder'] = word;
      continue;
    }
    const [name = '', attached] = word.replace(/^--/, '').split(/=(.*)/s);
    const field = fields().find((each) => each.source.flag === name);
    if (!word.startsWith('--') || !field) throw usage(`There is no option “${word}”`);
    if (field.source.value === undefined) {
      if (attached !== undefined) throw usage(`--${name} takes no value`);
      found[field.key] = true;
      continue;
    }
    const value = attached ?? rest.shift();
    if (value === undefined || (attached === undefined && value.startsWith('--'))) {
      throw usage(`--${name} needs a value (${field.source.value})`);
    }
    if (mayRepeat.has(field.key)) repeated.set(field.key, [...(repeated.get(field.key) ?? []), value]);
    else found[field.key] = value;
  }
  return { ...found, ...Object.fromEntries(repeated) };
}

function nameOf(key: string): string {
  const source = fields().find((field) => field.key === key)?.source;
  if (source?.flag !== undefined) return `--${source.flag}`;
  return source?.env ?? key;
}

export function helpText(): string {
  const rows = fields().map(({ source, about, fallback }) => {
    const flag = source.flag === undefined ? source.value : `--${source.flag} ${source.value ?? ''}`.trim();
    const left = flag ?? source.env ?? '';
    const shown = typeof fallback === 'string' || typeof fallback === 'number' ? fallback : undefined;
    const notes = [
      ...(shown === undefined ? [] : [`default ${shown}`]),
      ...(source.env === undefined || left === source.env ? [] : [`environment ${source.env}`]),
    ];
    return `  ${left.padEnd(18)} ${about}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
  });
  return [
    'Cahier: notebooks that several people edit and run together.',
    '',
    'npm start -- [folder] [--port N] [--host H] [--data DIR] [--open]',
    '',
    ...rows,
    `  ${'--help'.padEnd(18)} Show this text.`,
    '',
  ].join('\n');
}

function usage(why: string) {
  return appError('start/usage', { details: { why } });
}
