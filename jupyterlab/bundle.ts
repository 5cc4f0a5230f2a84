/**
 * Bundles JupyterLab: `node bundle.ts <out>`, run in a folder where `npm ci` has been run. Writes to `out` what the server
 * sends to browsers (`static/`), what it answers at `/lab/api/settings` (`settings.json`), and last `build.json`, which
 * says that the rest is whole. Prints nothing when all is well.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build, type Loader, type Plugin } from 'esbuild';

interface Extension {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** What to import for plugins, and for renderers of outputs; null: none. */
  readonly plugins: string | null;
  readonly renderers: string | null;
  readonly schemaFolder: string | null;
  readonly theme: string | null;
  readonly style: string | null;
  /** Patterns of plugins that this one replaces. */
  readonly replaces: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly styleModule?: string;
  readonly jupyterlab?: {
    readonly extension?: boolean | string;
    readonly mimeExtension?: boolean | string;
    readonly schemaDir?: string;
    readonly themePath?: string;
    readonly disabledExtensions?: readonly string[];
  };
}

const here = import.meta.dirname;
const out = resolve(process.argv[2] ?? 'out');

function manifestIn(folder: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return manifest;
}

function folderOf(name: string): string {
  return join(here, 'node_modules', name);
}

function extensionsOf(own: Manifest): readonly Extension[] {
  return Object.keys(own.dependencies ?? {}).flatMap((name) => {
    const folder = folderOf(name);
    const manifest = manifestIn(folder);
    const about = manifest.jupyterlab;
    if (!about) return [];
    const moduleOf = (value: boolean | string | undefined) =>
      value === true ? name : typeof value === 'string' ? `${name}/${value}` : null;
    return [
      {
        name,
        version: manifest.version,
        folder,
        plugins: moduleOf(about.extension),
        renderers: moduleOf(about.mimeExtension),
        schemaFolder: about.schemaDir === undefined ? null : join(folder, about.schemaDir),
        theme: about.themePath === undefined ? null : join(folder, about.themePath),
        style: manifest.styleModule === undefined ? null : `${name}/${manifest.styleModule}`,
        replaces: about.disabledExtensions ?? [],
      },
    ];
  });
}

/** `cahier:extensions`: every plugin, every renderer and every style sheet, by name. */
function extensionModule(): Plugin {
  const filter = /^cahier:extensions$/;
  const list = (label: string, modules: readonly (readonly [string, string | null])[]) => {
    const wanted = modules.flatMap(([name, path]) => (path === null ? [] : [[name, path] as const]));
    const imports = wanted.map(([, path], at) => `import * as ${label}${at} from ${JSON.stringify(path)};`);
    const entries = wanted.map(([name], at) => `{ name: ${JSON.stringify(name)}, module: ${label}${at} }`);
    return `${imports.join('\n')}\nexport const ${label} = [${entries.join(', ')}];`;
  };
  const contents = [
    ...extensions.flatMap(({ style }) => (style === null ? [] : [`import ${JSON.stringify(style)};`])),
    list(
      'plugins',
      extensions.map(({ name, plugins }) => [name, plugins]),
    ),
    list(
      'renderers',
      extensions.map(({ name, renderers }) => [name, renderers]),
    ),
  ].join('\n');
  return {
    name: 'extensions',
    setup(made) {
      made.onResolve({ filter }, () => ({ path: 'extensions', namespace: 'cahier' }));
      made.onLoad({ filter: /.*/, namespace: 'cahier' }, () => ({ contents, resolveDir: here }));
    },
  };
}

/** Icons are imported as text by scripts and as files by style sheets. */
const pictures: Plugin = {
  name: 'pictures',
  setup(made) {
    made.onLoad({ filter: /\.svg$/, namespace: 'file' }, ({ path }) => ({
      contents: readFileSync(path),
      loader: 'text',
    }));
    made.onResolve({ filter: /\.svg(\?.*)?$/ }, ({ path, kind, resolveDir }) => {
      if (kind !== 'url-token') return undefined;
      const [file = ''] = path.split(/[?#]/);
      const isPackage = file.startsWith('~');
      return {
        path: isPackage ? folderOf(file.slice(1)) : resolve(resolveDir, file),
        namespace: 'picture',
      };
    });
    made.onLoad({ filter: /.*/, namespace: 'picture' }, ({ path }) => {
      const contents = readFileSync(path);
      // old formats of whole fonts
      return contents.length > 64 * 1024
        ? { contents: '', loader: 'empty' }
        : { contents, loader: 'dataurl' };
    });
    made.onResolve({ filter: /^~/ }, ({ path, kind, resolveDir }) =>
      made.resolve(path.slice(1), { kind, resolveDir }),
    );
    made.onResolve({ filter: /\?raw$/ }, async ({ path, kind, resolveDir }) => {
      const found = await made.resolve(path.replace(/\?raw$/, ''), { kind, resolveDir });
      return { path: found.path, namespace: 'raw' };
    });
    made.onLoad({ filter: /.*/, namespace: 'raw' }, ({ path }) => ({
      contents: readFileSync(path),
      loader: 'text',
    }));
  },
};

/** Parts of ours in the place of others. */
const ownParts: Plugin = {
  name: 'own parts',
  setup(made) {
    made.onResolve({ filter: /^ajv$/ }, () => ({ path: join(here, 'src/schema-validator.ts') }));
    // its module for browsers has no names, which are what is imported from it
    made.onResolve({ filter: /^json5$/ }, () => ({ path: join(folderOf('json5'), 'lib/index.js') }));
    made.onResolve({ filter: /^vega-embed$/ }, ({ importer }) =>
      importer.startsWith(join(here, 'src')) ? undefined : { path: join(here, 'src/vega-embed.ts') },
    );
    made.onResolve({ filter: /^ajv-formats$/ }, () => ({ path: join(here, 'src/no-formats.ts') }));
  },
};

/**
 * `import()` of a CommonJS module gives only its default when the bundle is split, where JupyterLab takes names from it:
 * such a module is given a face with the names that it assigns.
 */
const lateNames: Plugin = {
  name: 'late names',
  setup(made) {
    made.onResolve({ filter: /^[^.]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === lateNames) return undefined;
      const found = await made.resolve(path, { kind, resolveDir, pluginData: lateNames });
      if (found.errors.length > 0 || !/\.c?js$/.test(found.path)) return found;
      const names = namesOf(readFileSync(found.path, 'utf8'));
      return names.length === 0 ? found : { path: found.path, namespace: 'late', pluginData: names };
    });
    made.onLoad({ filter: /.*/, namespace: 'late' }, ({ path, pluginData }) => {
      const names: readonly string[] = pluginData;
      const named = names.map((name) => `export const ${name} = all.${name};`);
      const contents = `import * as all from ${JSON.stringify(path)};\n${named.join('\n')}\nexport default all;`;
      return { contents, resolveDir: dirname(path) };
    });
  },
};

/** Empty for modules that are none of CommonJS. */
function namesOf(text: string): readonly string[] {
  if (/^(import|export)\b/m.test(text)) return [];
  // `exports.Name = …`; in what was made small (terminals are), TypeScript's announcement `e.Name=void 0`
  const assigned = /\bexports\.([A-Za-z_$][\w$]*)\s*=|\.([A-Z][\w$]*)=void 0/g;
  const names = [...text.matchAll(assigned)].map(([, name, small = '']) => name ?? small);
  return [...new Set(names)].filter((name) => name !== 'default' && name !== '__esModule');
}

const fileLoaders: Readonly<Record<string, Loader>> = {
  '.woff2': 'file',
  '.woff': 'file',
  '.ttf': 'file',
  '.eot': 'empty',
  '.otf': 'file',
  '.png': 'file',
  '.gif': 'file',
  '.jpg': 'file',
  '.md': 'text',
};

async function bundlePage(): Promise<{ entry: string; style: string | null }> {
  const folder = join(out, 'static');
  const result = await build({
    entryPoints: { lab: join(here, 'src/lab.ts') },
    absWorkingDir: here,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    legalComments: 'linked',
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    assetNames: 'assets/[name]-[hash]',
    loader: { ...fileLoaders },
    // what libraries that were made for Node, too, ask of it
    banner: { js: 'globalThis.process??={env:{},platform:"browser",cwd:()=>"/"};' },
    mainFields: ['module', 'browser', 'main'],
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env': '{}',
      global: 'globalThis',
      __dirname: '"/"',
    },
    plugins: [extensionModule(), pictures, ownParts, lateNames],
    metafile: true,
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  const outputs = Object.entries(result.metafile.outputs);
  const found = outputs.find(([, output]) => output.entryPoint === 'src/lab.ts');
  if (!found) throw new Error('the entry was not written');
  const inStatic = (path: string) => relative(folder, resolve(here, path)).replaceAll('\\', '/');
  const css = found[1].cssBundle;
  return { entry: inStatic(found[0]), style: css === undefined ? null : inStatic(css) };
}

async function bundleThemes(): Promise<void> {
  for (const { name, theme } of extensions) {
    if (theme === null) continue;
    await build({
      entryPoints: { index: theme },
      absWorkingDir: here,
      outdir: join(out, 'static/themes', name),
      bundle: true,
      minify: true,
      loader: { ...fileLoaders },
      plugins: [pictures],
      logLevel: 'error',
    });
  }
}

/** Where JupyterLab does better here with another value than its own. People may set what they like. */
const ownDefaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // a new notebook has no kernel yet: nobody wants to be asked when there is one to take
  '@jupyterlab/notebook-extension:tracker': { autoStartDefaultKernel: true },
  // light or dark as the system is, like Cahier's own page
  '@jupyterlab/apputils-extension:themes': { 'adaptive-theme': true },
  // Cahier chooses the version
  '@jupyterlab/apputils-extension:notification': { checkForUpdates: false, fetchNews: 'false' },
};

interface Schema {
  readonly properties?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function withOwnDefaults(id: string, schema: Schema): Schema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const own = ownDefaults[id]?.[name];
    return [name, own === undefined ? property : { ...property, default: own }];
  });
  return properties.length === 0 ? schema : { ...schema, properties: Object.fromEntries(properties) };
}

function schemas(): readonly object[] {
  return extensions.flatMap(({ name, version, schemaFolder }) => {
    if (schemaFolder === null) return [];
    const files = readdirSync(schemaFolder).filter((file) => file.endsWith('.json'));
    return files.map((file) => {
      const id = `${name}:${basename(file, '.json')}`;
      const schema: Schema = JSON.parse(readFileSync(join(schemaFolder, file), 'utf8'));
      return { id, version, schema: withOwnDefaults(id, schema) };
    });
  });
}

const extensions = extensionsOf(manifestIn(here));
mkdirSync(out, { recursive: true });
const { entry, style } = await bundlePage();
await bundleThemes();
writeFileSync(join(out, 'settings.json'), JSON.stringify(schemas()));
writeFileSync(
  join(out, 'build.json'),
  JSON.stringify({
    version: manifestIn(folderOf('@jupyterlab/application')).version,
    entry,
    style,
    replaced: extensions.flatMap((extension) => extension.replaces),
  }),
);
