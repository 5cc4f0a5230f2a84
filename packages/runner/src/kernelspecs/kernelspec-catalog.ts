/**
 * The kernels that can be started here: reads kernelspecs from disk by Jupyter's search order, again each time it is
 * asked (installing a kernel needs no restart), and says of each whether its program exists. Starts nothing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '@cahier/core/errors.ts';
import type { KernelspecOnWire } from '@cahier/protocol/project-facts.ts';
import type { EnvironmentKernelspecs } from './environment-kernelspecs.ts';
import { type LaunchPlace, settled } from './interpreter.ts';
import { type Kernelspec, readKernelspecs } from './kernelspec.ts';

export interface KernelspecCatalog {
  /** Fresh from disk, in the order of the search path, then by name. */
  list(): Promise<readonly Kernelspec[]>;
  /** Name in any case; `python` means `python3`. Throws `kernelspec/not-found`. */
  find(name: string): Promise<Kernelspec>;
  /** Throws `kernelspec/not-found` and `file/not-found`. */
  resource(name: string, file: string): Promise<{ readonly bytes: Uint8Array; readonly mime: string }>;
}

export interface CatalogPlace extends Omit<LaunchPlace, 'pythonPrefix'> {
  /** Folders that may hold `<name>/kernel.json`, in order. */
  readonly folders: () => Promise<readonly string[]>;
  readonly pythonPrefix?: () => Promise<string | null>;
  /** Kernelspecs of environments that have none, beside those that are installed. */
  readonly environments?: Pick<EnvironmentKernelspecs, 'list'>;
}

export function kernelspecCatalog(place: CatalogPlace): KernelspecCatalog {
  async function list(): Promise<Kernelspec[]> {
    const byName = new Map<string, Kernelspec>();
    const launch = { ...place, pythonPrefix: (await place.pythonPrefix?.()) ?? null };
    for (const folder of await place.folders()) {
      for (const spec of await readKernelspecs(folder)) {
        if (!byName.has(spec.name)) byName.set(spec.name, await settled(spec, launch));
      }
    }
    const installed = [...byName.values()];
    const more = (await place.environments?.list(installed)) ?? [];
    return [...installed, ...(await Promise.all(more.map((spec) => settled(spec, launch))))];
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
    resources: Object.values(spec.resources),
    argv: [...spec.argv],
    env: { ...spec.env },
    protocolVersion: spec.protocolVersion,
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

function mimeOf(file: string): string {
  if (file.endsWith('.png')) return 'image/png';
  if (file.endsWith('.svg')) return 'image/svg+xml';
  if (file.endsWith('.js')) return 'text/javascript';
  if (file.endsWith('.css')) return 'text/css';
  return 'application/octet-stream';
}
