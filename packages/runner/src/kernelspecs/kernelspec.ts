/**
 * A kernelspec: how to start a kernel, read from `kernels/<name>/kernel.json`. Belongs to the catalogue; nothing is
 * started here. Lenient where the world is: "5.5" as a protocol version, missing display names, extra fields.
 * Source: https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type JsonObject, isJsonObject } from '@cahier/base/json.ts';
import { z } from 'zod';

export interface Kernelspec {
  /** Lower-cased folder name. */
  readonly name: string;
  readonly folder: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly displayName: string;
  readonly language: string;
  readonly interruptMode: 'signal' | 'message';
  readonly metadata: JsonObject;
  /** As kernel.json says it, which few keep right: shown, never branched on. */
  readonly protocolVersion: string;
  /** Resource name (`logo-64x64`, `kernel.js`) → file name in `folder`. */
  readonly resources: Readonly<Record<string, string>>;
  /** What `{prefix}` means in `argv`; known once the kernelspec is settled (interpreter.ts). */
  readonly prefix?: string;
  /** Why it cannot start, when known. */
  readonly problem?: string;
}

const kernelJson = z.object({
  argv: z.array(z.string()).min(1),
  display_name: z.string().optional().catch(undefined),
  language: z.string().catch('').default(''),
  interrupt_mode: z.enum(['signal', 'message']).catch('signal').default('signal'),
  env: z
    .record(z.string(), z.unknown())
    .catch({})
    .default({})
    .transform((env) => Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]))),
  metadata: z.custom<JsonObject>(isJsonObject).catch({}).default({}),
  kernel_protocol_version: z.string().catch('').default(''),
});

/** Null when the text is not a kernelspec: only that one is left out of the catalogue. */
export function parseKernelspec(
  name: string,
  folder: string,
  text: string,
  files: readonly string[],
): Kernelspec | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = kernelJson.safeParse(value);
  if (!parsed.success) return null;
  const { argv, display_name, language, interrupt_mode, env, metadata, kernel_protocol_version } =
    parsed.data;
  return {
    name: name.toLowerCase(),
    folder,
    argv,
    env,
    displayName: display_name ?? name,
    language,
    interruptMode: interrupt_mode,
    metadata,
    protocolVersion: kernel_protocol_version,
    resources: resourcesOf(files),
  };
}

/** Logos are named without their ending; `kernel.js` and `kernel.css` with it. */
export function resourcesOf(files: readonly string[]): Record<string, string> {
  const resources: Record<string, string> = {};
  for (const file of [...files].sort()) {
    if (file === 'kernel.js' || file === 'kernel.css') resources[file] = file;
    else if (file.startsWith('logo-')) resources[file.replace(/\.[^.]*$/, '')] ??= file;
  }
  return resources;
}

/** All well-formed kernelspecs of one folder; folders that are not there have none. */
export async function readKernelspecs(folder: string): Promise<Kernelspec[]> {
  const names = await readdir(folder).catch(() => []);
  const specs: Kernelspec[] = [];
  for (const name of names.sort(byCodePoint)) {
    const specFolder = join(folder, name);
    try {
      const [text, files] = await Promise.all([
        readFile(join(specFolder, 'kernel.json'), 'utf8'),
        readdir(specFolder),
      ]);
      const spec = parseKernelspec(name, specFolder, text, files);
      if (spec !== null) specs.push(spec);
    } catch {
      // not a kernelspec folder, or not readable: leaves out this one only
    }
  }
  return specs;
}

/** The same on every machine, whatever its language. */
const byCodePoint = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
