/**
 * Loaded before everything else (`node --import`): compiled sources are kept between starts, so that the process never
 * needs the type stripper, which costs a tenth of its memory. Plain JavaScript for that reason. Threads find the cache
 * by the environment.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../node_modules/.cache/cahier');
process.env['NODE_COMPILE_CACHE'] = folder;
enableCompileCache(folder);
