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
  readonly #mark: string;
  /** A promise, so that whoever asks while the list is read waits for it. */
  #files: Promise<ReadonlyMap<string, BuiltFile>> = Promise.resolve(new Map());
  #stamp = '';

  /** `mark`: the file of `root` that every build writes anew. */
  constructor(root: string, mark = 'index.html') {
    this.#root = root;
    this.#mark = mark;
  }

  /** `path` relative to the build, `/` between parts. Null when the build has no such file. */
  async read(path: string, acceptEncoding: string): Promise<FileAnswer | null> {
    const found = (await this.#current()).get(path);
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

  async #current(): Promise<ReadonlyMap<string, BuiltFile>> {
    const mark = await stat(join(this.#root, this.#mark)).catch(() => null);
    const stamp = mark ? `${mark.mtimeMs}-${mark.ino}` : '';
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      const listed = stamp === '' ? Promise.resolve(new Map<string, BuiltFile>()) : listFiles(this.#root);
      this.#files = listed;
      // a build that was being replaced: the next request reads it again
      listed.catch(() => {
        this.#stamp = '';
      });
    }
    return this.#files;
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
