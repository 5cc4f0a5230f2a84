/**
 * The kernels that can be started here: reads kernelspecs from disk by Jupyter's search order, again each time it is
 * asked (installing a kernel needs no restart), and says of each whether its program exists. Starts nothing.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '@cahier/core/errors.ts';
import type { KernelspecOnWire } from '@cahier/protocol/runner/up.ts';
import { type Kernelspec, parseKernelspec } from './kernelspec.ts';
import { findProgram, programOf } from './launch-command.ts';

export interface KernelspecCatalog {
  /** Fresh from disk, in the order of the search path, then by name. */
  list(): Promise<readonly Kernelspec[]>;
  /** Name in any case; `python` means `python3`. Throws `kernelspec/not-found`. */
  find(name: string): Promise<Kernelspec>;
  /** Throws `kernelspec/not-found` and `file/not-found`. */
  resource(name: string, file: string): Promise<{ readonly bytes: Uint8Array; readonly mime: string }>;
}

export interface CatalogPlace {
  /** Folders that may hold `<name>/kernel.json`, in order. */
  readonly folders: () => Promise<readonly string[]>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
}

export function kernelspecCatalog(place: CatalogPlace): KernelspecCatalog {
  async function list(): Promise<Kernelspec[]> {
    const byName = new Map<string, Kernelspec>();
    for (const folder of await place.folders()) {
      for (const spec of await readKernelspecs(folder)) {
        if (!byName.has(spec.name)) byName.set(spec.name, await withProblem(spec, place));
      }
    }
    return [...byName.values()];
  }

  async function find(name: string): Promise<Kernelspec> {
    const wanted = name.toLowerCase();
    const specs = await list();
    const spec =
      specs.find((each) => each.name === wanted) ??
      (wanted === 'python' ? specs.find((each) => each.name === 'python3') : undefined);
    if (spec === undefined) throw appError('kernelspec/not-found', { details: { name: name.slice(0, 200) } });
    return spec;
  }

  async function resource(name: string, file: string) {
    const spec = await find(name);
    const known = spec.resources[file] ?? Object.values(spec.resources).find((each) => each === file);
    if (known === undefined) throw appError('file/not-found', { details: { path: file } });
    const bytes = await readFile(join(spec.folder, known));
    return { bytes, mime: mimeOf(known) };
  }

  return { list, find, resource };
}

export function toWire(spec: Kernelspec): KernelspecOnWire {
  return {
    name: spec.name,
    displayName: spec.displayName,
    language: spec.language,
    interruptMode: spec.interruptMode,
    metadata: spec.metadata,
    resources: Object.keys(spec.resources),
    argv: [...spec.argv],
    env: { ...spec.env },
    ...(spec.problem === undefined ? {} : { problem: spec.problem }),
  };
}

/** What a notebook without a wish gets: `python3`, else any Python, else the first that can start. */
export function defaultKernelspec(specs: readonly Kernelspec[]): string | null {
  const able = specs.filter((spec) => spec.problem === undefined);
  const choice =
    able.find((spec) => spec.name === 'python3') ??
    able.find((spec) => spec.language.toLowerCase() === 'python') ??
    able[0];
  return choice?.name ?? null;
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

async function withProblem(spec: Kernelspec, place: CatalogPlace): Promise<Kernelspec> {
  const program = programOf(spec, place.homeFolder);
  const found = await findProgram(program, { ...place.env, ...spec.env });
  return found === null ? { ...spec, problem: `Its program “${program}” does not exist.` } : spec;
}

/** The same on every machine, whatever its language. */
const byCodePoint = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function mimeOf(file: string): string {
  if (file.endsWith('.png')) return 'image/png';
  if (file.endsWith('.svg')) return 'image/svg+xml';
  if (file.endsWith('.js')) return 'text/javascript';
  if (file.endsWith('.css')) return 'text/css';
  return 'application/octet-stream';
}
