/**
 * The project's own nbconvert, run as a program with limits of time and size: what it can write, and a notebook written
 * so. Looked for in the project's environments, newest wish first; the bytes to convert come from the server, which has
 * the notebook as people see it.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appError } from '@cahier/core/errors.ts';
import { baseName, parentPath } from '@cahier/core/files/project-path.ts';
import { z } from 'zod';
import { type ProgramEnd, runProgram } from '../run-program.ts';

export interface NbconvertOptions {
  /** Python programs that may have nbconvert, the preferred first. */
  readonly pythons: () => Promise<readonly string[]>;
  /** From a path in the project to a folder on disk inside it. Throws `file/…`. */
  readonly folder: (path: string) => Promise<string>;
  /** Already reduced to what programs may see. */
  readonly env: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly limits?: Partial<ConvertLimits>;
}

export interface ConvertLimits {
  readonly listMs: number;
  readonly convertMs: number;
  readonly resultBytes: number;
}

export interface Exporter {
  readonly name: string;
  readonly mime: string;
}

export interface Converted {
  readonly bytes: Uint8Array;
  readonly mime: string;
  readonly fileName: string;
}

const script = fileURLToPath(new URL('convert.py', import.meta.url));
const usualLimits: ConvertLimits = {
  listMs: 60_000,
  convertMs: 180_000,
  resultBytes: 200 * 1024 * 1024,
};
const rememberedMs = 60_000;
const longestReason = 600;

const exporters = z.object({ exporters: z.array(z.object({ name: z.string(), mime: z.string() })) });
const answer = z.union([
  z.object({ missing: z.literal(true) }),
  z.object({ error: z.string() }),
  z.object({ invalid: z.string() }),
  exporters.extend({ unknown: z.literal(true) }),
  exporters,
  z.object({ mime: z.string(), fileName: z.string() }),
]);
type ScriptAnswer = z.infer<typeof answer>;

interface Found {
  readonly python: string;
  readonly exporters: readonly Exporter[];
  readonly at: number;
}

export class Nbconvert {
  readonly #options: NbconvertOptions;
  readonly #limits: ConvertLimits;
  #finding: Promise<Found | null> | null = null;
  #found: Found | null = null;

  constructor(options: NbconvertOptions) {
    this.#options = options;
    this.#limits = { ...usualLimits, ...options.limits };
  }

  /** Throws `nbconvert/not-installed`. */
  async list(): Promise<readonly Exporter[]> {
    return (await this.#find()).exporters;
  }

  /** Throws `nbconvert/not-installed`, `nbconvert/no-format`, `nbconvert/no-notebook`, `nbconvert/failed`. */
  async convert(format: string, path: string, notebook: Uint8Array): Promise<Converted> {
    const { python } = await this.#find();
    const folder = await this.#options.folder(parentPath(path));
    return inTemporaryFolder(async (out) => {
      const input = join(out, 'notebook.ipynb');
      await writeFile(input, notebook);
      const name = baseName(path) || 'notebook.ipynb';
      const { convertMs, resultBytes } = this.#limits;
      const failed = (why: string) =>
        appError('nbconvert/failed', { details: { format, why: reasonOf(why) } });
      const { said, end } = await this.#run(python, convertMs, out, 'convert', format, input, folder, name);
      if (said === null) {
        const isLate = end.isTimedOut === true;
        throw failed(isLate ? `it took longer than ${convertMs / 1_000} seconds` : end.tail);
      }
      if ('missing' in said) throw appError('nbconvert/not-installed');
      if ('error' in said) throw failed(said.error);
      if ('invalid' in said) {
        const why = reasonOf(said.invalid);
        throw appError('nbconvert/no-notebook', { details: { path: name, format, why } });
      }
      if ('exporters' in said) {
        const formats = said.exporters.map((each) => each.name).join(', ');
        throw appError('nbconvert/no-format', { details: { format, formats } });
      }
      const result = join(out, 'result');
      const { size } = await stat(result);
      if (size > resultBytes)
        throw failed(`the result is larger than ${Math.floor(resultBytes / 1024 / 1024)} MB`);
      return { bytes: await readFile(result), mime: said.mime, fileName: said.fileName };
    });
  }

  async #find(): Promise<Found> {
    if (this.#found !== null && this.#options.now() - this.#found.at < rememberedMs) return this.#found;
    this.#finding ??= this.#look().finally(() => {
      this.#finding = null;
    });
    this.#found = await this.#finding;
    if (this.#found === null) throw appError('nbconvert/not-installed');
    return this.#found;
  }

  async #look(): Promise<Found | null> {
    for (const python of await this.#options.pythons()) {
      const said = await inTemporaryFolder(
        async (out) => (await this.#run(python, this.#limits.listMs, out, 'list')).said,
      );
      if (said === null || !('exporters' in said)) continue;
      return { python, exporters: said.exporters, at: this.#options.now() };
    }
    return null;
  }

  async #run(
    python: string,
    timeoutMs: number,
    out: string,
    command: 'list' | 'convert',
    ...rest: readonly string[]
  ): Promise<{ readonly said: ScriptAnswer | null; readonly end: ProgramEnd }> {
    const { env } = this.#options;
    const end = await runProgram(python, ['-X', 'utf8', script, command, out, ...rest], { env, timeoutMs });
    const text = await readFile(join(out, 'answer.json'), 'utf8').catch(() => null);
    return { said: text === null ? null : answer.parse(JSON.parse(text)), end };
  }
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cahier-nbconvert-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line, without the full stop that the sentence around it brings. */
function reasonOf(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line === '' ? 'it ended without a word' : line.slice(0, longestReason);
}
