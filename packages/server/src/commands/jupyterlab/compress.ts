/** Precompressed copies beside the files, so that the server never compresses anything twice. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const worthIt: ReadonlySet<string> = new Set(['.js', '.css', '.svg', '.ttf', '.json']);
const smallest = 1024;
const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

export async function compressFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && worthIt.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  const next = files.values();
  // zlib works in threads of its own: as many at once as there are
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const file of next) await compressFile(file);
    }),
  );
}

async function compressFile(file: string): Promise<void> {
  const bytes = await readFile(file);
  if (bytes.length < smallest) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 6,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await writeFile(`${file}.br`, await brotli(bytes, { params }));
  await writeFile(`${file}.gz`, await zip(bytes, { level: 6 }));
}
