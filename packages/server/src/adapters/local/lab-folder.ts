/**
 * Builds of JupyterLab on disk: `<folder>/<key>/`, where the key is the hash of everything a build is made from
 * (`jupyterlab/` in the repository). `build.json` is written last: a folder without it is not a build.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BuiltFiles } from '../../http/built-files.ts';
import type { LabBuild, LabBuilds } from '../../jupyter/lab/lab-build.ts';

const buildFile = z.object({
  version: z.string(),
  entry: z.string(),
  style: z.string().nullable(),
  replaced: z.array(z.string()),
});
const settingsFile = z.array(
  z.object({ id: z.string(), version: z.string(), schema: z.record(z.string(), z.unknown()) }),
);
const isKey = (name: string) => /^[0-9a-f]{16}$/.test(name);

/** What a build is made from, relative to `jupyterlab/`: named, so that nothing else there counts. */
export async function labSources(source: string): Promise<readonly string[]> {
  const own = await readdir(join(source, 'src'));
  return ['package.json', 'package-lock.json', 'bundle.ts', ...own.sort().map((name) => `src/${name}`)];
}

export async function labKey(source: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of await labSources(source)) {
    const bytes = await readFile(join(source, name));
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

export async function isBuilt(folder: string, key: string): Promise<boolean> {
  return readFile(join(folder, key, 'build.json')).then(
    () => true,
    () => false,
  );
}

export class LabFolder implements LabBuilds {
  readonly #folder: string;
  readonly #source: string;
  readonly #known = new Map<string, LabBuild>();
  #key: Promise<string> | null = null;

  /** `source`: the repository's `jupyterlab` folder. */
  constructor(folder: string, source: string) {
    this.#folder = folder;
    this.#source = source;
  }

  async current(): Promise<LabBuild | null> {
    this.#key ??= labKey(this.#source);
    return this.byKey(await this.#key);
  }

  async byKey(key: string): Promise<LabBuild | null> {
    const known = this.#known.get(key);
    if (known) return known;
    if (!isKey(key) || !(await isBuilt(this.#folder, key))) return null;
    const build = await readBuild(join(this.#folder, key), key);
    this.#known.set(key, build);
    return build;
  }
}

async function readBuild(folder: string, key: string): Promise<LabBuild> {
  const about = buildFile.parse(JSON.parse(await readFile(join(folder, 'build.json'), 'utf8')));
  const settings = settingsFile.parse(JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8')));
  return {
    key,
    ...about,
    settings: new Map(settings.map(({ id, version, schema }) => [id, { version, schema }])),
    files: new BuiltFiles(join(folder, 'static'), '../build.json'),
  };
}
