/**
 * The built web app on disk: a closed list of files, read at start and again after a new build, so that no request
 * can name anything else. Precompressed copies (`.br`, `.gz`) stand beside the originals.
 */
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

interface BuiltFile {
  readonly file: string;
  readonly encodings: ReadonlySet<string>;
  readonly etag: string;
}

export interface FileAnswer {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};
/** Names with a hash of their content never change. */
const hashedName = /^assets\/.*[-.][A-Za-z0-9_-]{8,}\.\w+$/;

export class BuiltFiles {
  readonly #root: string;
  #files: ReadonlyMap<string, BuiltFile> = new Map();
  #stamp = '';

  constructor(root: string) {
    this.#root = root;
  }

  /** `path` relative to the build, `/` between parts. Null when the build has no such file. */
  async read(path: string, acceptEncoding: string): Promise<FileAnswer | null> {
    await this.#refresh();
    const found = this.#files.get(path);
    if (!found) return null;
    const encoding = ['br', 'gzip'].find(
      (each) => found.encodings.has(each) && new RegExp(`\\b${each}\\b`).test(acceptEncoding),
    );
    const suffix = encoding === 'br' ? '.br' : encoding === 'gzip' ? '.gz' : '';
    return {
      bytes: await readFile(found.file + suffix),
      headers: {
        'content-type': types[extname(path)] ?? 'application/octet-stream',
        'cache-control': hashedName.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        etag: `"${found.etag}${encoding ?? ''}"`,
        vary: 'accept-encoding',
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      },
    };
  }

  async #refresh(): Promise<void> {
    const index = await stat(join(this.#root, 'index.html')).catch(() => null);
    const stamp = index ? `${index.mtimeMs}-${index.ino}` : '';
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#files = stamp === '' ? new Map() : await listFiles(this.#root);
  }
}

async function listFiles(root: string): Promise<ReadonlyMap<string, BuiltFile>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => pathOf(root, entry));
  const all = new Set(paths);
  const files = new Map<string, BuiltFile>();
  for (const path of paths) {
    if (/\.(br|gz)$/.test(path) && all.has(path.replace(/\.(br|gz)$/, ''))) continue;
    const file = join(root, path);
    const { mtimeMs, size } = await stat(file);
    const encodings = new Set([
      ...(all.has(`${path}.br`) ? ['br'] : []),
      ...(all.has(`${path}.gz`) ? ['gzip'] : []),
    ]);
    files.set(path, { file, encodings, etag: `${Math.round(mtimeMs).toString(36)}-${size.toString(36)}` });
  }
  return files;
}

function pathOf(root: string, entry: Dirent): string {
  return relative(root, join(entry.parentPath, entry.name)).split(sep).join('/');
}
