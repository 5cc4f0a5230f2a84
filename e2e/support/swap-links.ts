/**
 * A program that puts links that lead out where files and a folder stand, and what stood there back, as fast as it can:
 * `swap-links.ts <inside> <outside> <folder> <file>…`, the names being the same in both. Ends when it is killed.
 */
import { readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [inside = '', outside = '', folder = '', ...files] = process.argv.slice(2);
const ours = files.map((name) => ({ name, bytes: readFileSync(join(inside, name)) }));
const place = join(inside, folder);
symlinkSync(outside, `${place}.link`);

function swapFiles(): void {
  for (const { name, bytes } of ours) {
    const file = join(inside, name);
    symlinkSync(join(outside, name), `${file}.next`);
    renameSync(`${file}.next`, file);
    writeFileSync(`${file}.next`, bytes);
    renameSync(`${file}.next`, file);
  }
}

for (;;) {
  renameSync(place, `${place}.away`);
  renameSync(`${place}.link`, place);
  swapFiles();
  renameSync(place, `${place}.link`);
  renameSync(`${place}.away`, place);
  swapFiles();
}
