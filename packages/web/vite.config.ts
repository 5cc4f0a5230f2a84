import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const dist = join(root, 'dist');

/** `.br` and `.gz` beside every text file, so that the server sends them as they are. */
function precompress(): Plugin {
  const toBrotli = promisify(brotliCompress);
  const toGzip = promisify(gzip);
  return {
    name: 'cahier-precompress',
    apply: 'build',
    async writeBundle() {
      const files = await readdir(dist, { recursive: true });
      for (const file of files.filter((name) => /\.(js|css|html|svg|json)$/.test(name))) {
        const bytes = await readFile(join(dist, file));
        if (bytes.length < 512) continue;
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: 11,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        };
        await writeFile(join(dist, `${file}.br`), await toBrotli(bytes, { params }));
        await writeFile(join(dist, `${file}.gz`), await toGzip(bytes, { level: 9 }));
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
        .filter((name) => name.startsWith('assets/') && !/\.(woff|ttf)$/.test(name))
        .map((name) => `/${name}`)
        .sort();
      const files = ['/theme.js', '/favicon.svg', ...built];
      const version = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 16);
      await writeFile(join(dist, 'offline.json'), JSON.stringify({ version, files }));
      const worker = join(dist, 'sw.js');
      await writeFile(worker, `// build ${version}\n${await readFile(worker, 'utf8')}`);
    },
  };
}

export default defineConfig({
  root,
  plugins: [react(), offlineList(), precompress()],
  build: {
    outDir: dist,
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
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
});
