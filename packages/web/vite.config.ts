import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const dist = join(root, 'dist');
/** Built here and then put in place at once: a server that runs, or a second build, never meets half a page. */
const workshop = join(root, 'node_modules/.build', String(process.pid));

/** `.br` and `.gz` beside every text file, so that the server sends them as they are. */
function precompress(): Plugin {
  const toBrotli = promisify(brotliCompress);
  const toGzip = promisify(gzip);
  const compress = async (file: string) => {
    const bytes = await readFile(file);
    if (bytes.length < 512) return;
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    const [brotli, gzipped] = await Promise.all([toBrotli(bytes, { params }), toGzip(bytes, { level: 9 })]);
    await Promise.all([writeFile(`${file}.br`, brotli), writeFile(`${file}.gz`, gzipped)]);
  };
  return {
    name: 'cahier-precompress',
    apply: 'build',
    async writeBundle() {
      const files = await readdir(workshop, { recursive: true });
      const texts = files.filter((name) => /\.(js|css|html|svg|json)$/.test(name));
      await Promise.all(texts.map((name) => compress(join(workshop, name))));
    },
  };
}

function putInPlace(): Plugin {
  return {
    name: 'cahier-put-in-place',
    apply: 'build',
    async writeBundle() {
      const old = `${workshop}-old`;
      // Another build may put its own in place between the two renames: then once more.
      for (let left = 5; ; left--) {
        await rename(dist, old).catch(() => undefined);
        const error = await rename(workshop, dist).then(
          () => null,
          (cause: unknown) => cause,
        );
        await rm(old, { recursive: true, force: true });
        if (error === null) return;
        if (left === 0) throw error;
      }
    },
  };
}

/** `offline.json` lists what the service worker keeps; the worker's own text changes with every build, so it is renewed. */
function offlineList(): Plugin {
  return {
    name: 'cahier-offline-list',
    apply: 'build',
    async writeBundle(_options, bundle) {
      const built = Object.keys(bundle)
        .filter((name) => name.startsWith('assets/') && !/\.(woff2?|ttf|png)$/.test(name))
        .map((name) => `/${name}`)
        .sort();
      const files = ['/theme.js', '/favicon.svg', ...built];
      const version = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 16);
      await writeFile(join(workshop, 'offline.json'), JSON.stringify({ version, files }));
      const worker = join(workshop, 'sw.js');
      await writeFile(worker, `// build ${version}\n${await readFile(worker, 'utf8')}`);
    },
  };
}

/** Zod's way to JSON Schema, which every schema brings along (18 kB) and no page asks for. */
function withoutJsonSchema(): Plugin {
  return {
    name: 'cahier-without-json-schema',
    apply: 'build',
    transform: {
      filter: { id: /zod\/v4\/core\/(to-json-schema|json-schema-processors)\.js$/ },
      handler(code) {
        const names = [...code.matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)].map(
          ([, name]) => name,
        );
        const leftOut =
          "const leftOut = () => () => { throw new Error('JSON Schema is not part of the page'); };";
        return `${leftOut}\n${names.map((name) => `export const ${name} = leftOut;`).join('\n')}`;
      },
    },
  };
}

export default defineConfig({
  root,
  plugins: [react(), withoutJsonSchema(), offlineList(), precompress(), putInPlace()],
  resolve: {
    alias: [
      { find: /^entities$/, replacement: join(root, 'src/ui/browser-entities.ts') },
      // The help pages are the documents of the repository (src/help).
      { find: /^help:/, replacement: join(root, '../../docs/') },
    ],
  },
  build: {
    outDir: workshop,
    emptyOutDir: true,
    target: 'es2024',
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: { main: join(root, 'index.html') },
      output: {
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: ({ name }) =>
          name.startsWith('shared~') ? 'assets/shared-[hash].js' : 'assets/[name]-[hash].js',
        assetFileNames: ({ names: [name] }) =>
          name?.startsWith('shared~') ? 'assets/shared-[hash][extname]' : 'assets/[name]-[hash][extname]',
        // Small parts that several pages share in few files: a file of its own costs more in headers than it holds.
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /lucide-react|packages\/(base|core|protocol|web)\/src\//,
              minShareCount: 2,
              entriesAware: true,
              entriesAwareMergeThreshold: 12_000,
            },
          ],
        },
      },
    },
  },
});
