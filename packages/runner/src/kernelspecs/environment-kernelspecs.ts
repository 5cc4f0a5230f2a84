/**
 * Kernelspecs of environments that Jupyter's search path does not reach: their Python, `Python 3.11 (venv: name)`, and
 * whatever else is installed in them, `R (conda: stats)`. Made anew from what is on disk; where the environments are is
 * remembered for a moment. One without any kernel is shown with what helps.
 */
import { createHash } from 'node:crypto';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import {
  environmentName,
  type EnvironmentPlaces,
  type PythonEnvironment,
  pythonEnvironments,
} from './python-environments.ts';
import { type Kernelspec, readKernelspecs, resourcesOf } from './kernelspec.ts';

const rememberedMs = 10_000;

export class EnvironmentKernelspecs {
  readonly #places: EnvironmentPlaces;
  #found: readonly PythonEnvironment[] | null = null;
  #foundAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<readonly PythonEnvironment[]> | null = null;

  constructor(places: EnvironmentPlaces) {
    this.#places = places;
  }

  /** At most some 10 s old; who asks first waits, later ones get what is known while it is looked again. */
  async environments(): Promise<readonly PythonEnvironment[]> {
    const isOld = this.#places.now() - this.#foundAt > rememberedMs;
    const looking = isOld ? this.#look() : null;
    return this.#found ?? (await (looking ?? this.#look()));
  }

  /** Beside the kernelspecs that are installed: their environments are left out. */
  async list(installed: readonly Kernelspec[]): Promise<Kernelspec[]> {
    const taken = new Set(installed.map(({ name }) => name));
    const programs = new Set(await Promise.all(installed.map(({ argv }) => real(argv[0] ?? ''))));
    const specs: Kernelspec[] = [];
    for (const environment of await this.environments()) {
      const { prefix } = environment;
      const isKnown = installed.some(({ folder }) => folder.startsWith(`${prefix}/`));
      // not its real path: environments of one Python all lead to the same program
      if (isKnown || programs.has(join(prefix, 'bin', 'python'))) continue;
      for (const spec of await this.#specs(environment, taken)) {
        taken.add(spec.name);
        specs.push(spec);
      }
    }
    return specs;
  }

  #look(): Promise<readonly PythonEnvironment[]> {
    this.#looking ??= pythonEnvironments(this.#places)
      .then((found) => {
        this.#found = found;
        this.#foundAt = this.#places.now();
        return found;
      })
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async #specs(environment: PythonEnvironment, taken: ReadonlySet<string>): Promise<Kernelspec[]> {
    const { prefix, kind, ipykernel } = environment;
    const title = environmentName(prefix, this.#places.home);
    const own = await readKernelspecs(join(prefix, 'share', 'jupyter', 'kernels'));
    // What pip wrote for ipykernel says the same as what is made here, with a name that every environment has.
    const others = own.filter(({ argv }) => !argv.some((word) => /^ipykernel(?:_launcher)?$/.test(word)));
    const python = ipykernel === null && others.length > 0 ? [] : [await this.#python(environment, title)];
    const name = nameOf(environment, this.#places.home);
    const specs = [
      ...python.map((spec) => ({ ...spec, name })),
      ...others.map((spec) => ({
        ...spec,
        name: `${name}-${spec.name}`,
        displayName: `${spec.displayName} (${kind}: ${title})`,
        env: { ...activeIn(environment, title), ...spec.env },
      })),
    ];
    const hash = createHash('sha256').update(prefix).digest('hex').slice(0, 6);
    return specs.map((spec) => (taken.has(spec.name) ? { ...spec, name: `${spec.name}-${hash}` } : spec));
  }

  async #python(environment: PythonEnvironment, title: string): Promise<Omit<Kernelspec, 'name'>> {
    const { prefix, kind, version, ipykernel } = environment;
    const python = join(prefix, 'bin', 'python');
    const resources = ipykernel === null ? null : join(ipykernel, 'resources');
    const files = resources === null ? [] : await readdir(resources).catch(() => []);
    return {
      folder: resources ?? prefix,
      argv: [python, '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
      env: activeIn(environment, title),
      displayName: `Python${version === null ? '' : ` ${version}`} (${kind}: ${title})`,
      language: 'python',
      interruptMode: 'signal',
      metadata: { debugger: true },
      protocolVersion: '',
      resources: resourcesOf(files),
      ...(ipykernel === null
        ? { problem: `It has no ipykernel. Install it with: ${python} -m pip install ipykernel` }
        : {}),
    };
  }
}

/** By its place in the project, else by what it is called. */
function nameOf({ prefix, kind }: PythonEnvironment, home: string): string {
  const inProject = prefix.startsWith(`${home}/`)
    ? prefix.slice(home.length + 1)
    : environmentName(prefix, home);
  const slug = inProject
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
  return `${kind}-${slug || 'env'}`;
}

/** As its `activate` would set it. */
function activeIn({ prefix, kind }: PythonEnvironment, title: string): Record<string, string> {
  return {
    PATH: `${join(prefix, 'bin')}:\${PATH}`,
    ...(kind === 'venv' ? { VIRTUAL_ENV: prefix } : { CONDA_PREFIX: prefix, CONDA_DEFAULT_ENV: title }),
  };
}

/** The folder's real path, the program's own name: a virtual environment's Python is a link to another. */
async function real(program: string): Promise<string> {
  if (!program.startsWith('/')) return program;
  const folder = await realpath(join(program, '..')).catch(() => join(program, '..'));
  return join(folder, program.replace(/^.*\//, '').replace(/^python[\d.]*$/, 'python'));
}
