/**
 * The contents of one project as Jupyter's clients see them. What is read is what people see: an open document is
 * written to its file first, and the file is what is answered, with its own hash and time. Paths are normalised and
 * checked here, before anything else.
 */
import { AppError } from '@cahier/base/app-error.ts';
import { isJsonObject, type Json } from '@cahier/base/json.ts';
import { appError } from '@cahier/core/errors.ts';
import { baseName, joinPath, normaliseProjectPath, parentPath } from '@cahier/core/files/project-path.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import { fromApiNotebook, toApiNotebook } from '@cahier/core/jupyter/api-notebook.ts';
import type { SaveContents } from '@cahier/protocol/http/jupyter.ts';
import type { FileEntry } from '@cahier/protocol/project-facts.ts';
import { longestFile } from '../files/routes.ts';
import { newNotebookBytes } from '../files/new-notebook.ts';
import {
  type ContentsModel,
  type ContentsType,
  isHidden,
  mimetypeOf,
  modelOf,
  typeOf,
} from './contents-model.ts';
import { copyNames, firstFree } from '../files/copy-name.ts';
import { copyFolder } from './copy-folder.ts';
import type { JupyterProject } from './jupyter-project.ts';
import type { ReadMarks } from './read-marks.ts';
import { saveDocument, type SaveParts, written } from './save-document.ts';
import { untitledNames } from './untitled.ts';

export interface ContentsParts extends SaveParts {
  readonly project: JupyterProject;
  readonly marks: ReadMarks;
  /** Names the client in the marks: project and person, or token. */
  readonly reader: string;
  readonly author: EntryAuthor;
  readonly mayWrite: boolean;
}

export interface Reading {
  readonly type?: string | undefined;
  readonly format?: 'text' | 'base64' | undefined;
  readonly hasContent: boolean;
  readonly hasHash: boolean;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export class Contents {
  readonly #parts: ContentsParts;

  constructor(parts: ContentsParts) {
    this.#parts = parts;
  }

  /** Throws `file/not-found`, `jupyter/bad-type`, `jupyter/bad-format`, what reading throws. */
  async get(rawPath: string, reading: Reading): Promise<ContentsModel> {
    const path = normaliseProjectPath(rawPath);
    const entry = await this.#entry(path);
    const type = typeOf(entry);
    if (type === 'directory') {
      if (reading.type !== undefined && reading.type !== 'directory') {
        throw badType(path, `a folder, not a ${reading.type}`);
      }
      return reading.hasContent ? this.#listing(entry) : this.#model(entry);
    }
    if (reading.type === 'directory') throw badType(path, 'not a folder');
    await this.#settle(path);
    const isNotebookWanted = reading.type === undefined ? type === 'notebook' : reading.type === 'notebook';
    const shownType = isNotebookWanted ? 'notebook' : 'file';
    if (!reading.hasContent && !reading.hasHash) {
      return { ...this.#model(await this.#entry(path)), type: shownType };
    }
    const { runner } = this.#parts.project;
    const { result, payload } = await runner.call({ method: 'file.read', path, maxBytes: longestFile });
    const now = { ...entry, modifiedAt: result.modifiedAt, size: payload.length };
    const model = this.#model(now, reading.hasHash ? result.hash : null);
    if (!reading.hasContent) return { ...model, type: shownType };
    this.#parts.marks.set(this.#parts.reader, path, payload);
    return isNotebookWanted
      ? { ...model, type: 'notebook', format: 'json', content: this.#notebook(payload, path) }
      : { ...model, type: 'file', ...textOrBase64(payload, path, reading.format) };
  }

  /** A new file of a name that is free. Throws `jupyter/refused` when `folder` is a file, `file/not-found`. */
  async create(rawFolder: string, wish: { type?: ContentsType | undefined; ext?: string | undefined }) {
    const folder = await this.#folder(rawFolder);
    const ext = wish.ext === undefined || wish.ext === '' ? '' : `.${wish.ext.replace(/^\./, '')}`;
    const type = wish.type ?? (ext === '.ipynb' ? 'notebook' : 'file');
    return this.#make(
      folder,
      () => untitledNames(type, ext),
      async (path) => {
        const { runner } = this.#parts.project;
        if (type === 'directory') return void (await runner.call({ method: 'file.mkdir', path }));
        const bytes = type === 'notebook' ? newNotebookBytes(this.#parts.newId(8)) : new Uint8Array(0);
        await runner.call({ method: 'file.write', path, ifHash: null }, bytes);
      },
    );
  }

  async copy(rawFrom: string, rawFolder: string): Promise<ContentsModel> {
    const from = this.#shown(rawFrom);
    const folder = await this.#folder(rawFolder);
    const { runner } = this.#parts.project;
    if ((await this.#entry(from)).type === 'directory') {
      if (from === '') throw refused('This cannot be done to the folder of the project itself.');
      await this.#settleBelow(from);
      return this.#make(
        folder,
        () => copyNames(baseName(from)),
        (path) => copyFolder(runner, from, path),
      );
    }
    const bytes = await this.read(from);
    return this.#make(
      folder,
      () => copyNames(baseName(from)),
      async (path) => {
        await runner.call({ method: 'file.write', path, ifHash: null }, bytes);
      },
    );
  }

  /** Throws `jupyter/refused` for bodies that do not fit together. */
  async save(rawPath: string, body: SaveContents): Promise<{ model: ContentsModel; isNew: boolean }> {
    const path = this.#writable(rawPath);
    const { type } = body;
    if (type === undefined) throw refused('No file type provided.');
    const before = await this.#stat(path);
    if (type === 'directory') return this.#saveFolder(path, before);
    if (before?.type === 'directory') throw badType(path, `a folder, not a ${type}`);
    const bytes = bytesOf(type, body);
    const message = type === 'notebook' ? this.#whyInvalid(bytes, path) : null;
    await this.write(path, bytes, this.#parts.marks.get(this.#parts.reader, path), before !== null);
    const model = await this.get(path, { hasContent: false, hasHash: true });
    // What the client has is what it sent, not what came of it.
    this.#parts.marks.set(this.#parts.reader, path, bytes);
    return { model: message === null ? model : { ...model, message }, isNew: before === null };
  }

  /** Before the parts of a file are taken in: can it be made there? Throws what saving it would throw. */
  async mayBeSaved(rawPath: string): Promise<void> {
    const path = this.#writable(rawPath);
    const before = await this.#stat(path);
    if (before?.type === 'directory') throw badType(path, 'a folder, not a file');
    const parent = await this.#stat(parentPath(path));
    if (parent?.type !== 'directory') throw notFound(path);
  }

  /** The bytes as they are now, of an open document too. */
  async read(path: string): Promise<Uint8Array> {
    const entry = await this.#entry(path);
    if (entry.type === 'directory') throw badType(path, 'a folder');
    await this.#settle(path);
    const { runner } = this.#parts.project;
    return (await runner.call({ method: 'file.read', path, maxBytes: longestFile })).payload;
  }

  async write(path: string, bytes: Uint8Array, base: Uint8Array | null, isThere: boolean): Promise<void> {
    const { project, author } = this.#parts;
    await saveDocument(project, { path, bytes, base, author, isThere }, this.#parts);
  }

  /** Throws `file/exists`, `file/not-found`. */
  async rename(rawFrom: string, rawTo: string): Promise<ContentsModel> {
    const from = this.#writable(rawFrom);
    const to = this.#writable(rawTo);
    if (from !== to) {
      const { project } = this.#parts;
      await this.#entry(from);
      await project.runner.call({ method: 'file.rename', from, to });
      await project.renamed(from, to);
    }
    return this.get(to, { hasContent: false, hasHash: false });
  }

  /** Throws `jupyter/refused` for a folder with something in it, `file/not-found`. */
  async remove(rawPath: string): Promise<void> {
    const path = this.#writable(rawPath);
    const { runner, removed } = { runner: this.#parts.project.runner, removed: this.#parts.project };
    const entry = await this.#entry(path);
    if (entry.type === 'directory') {
      const { entries } = (await runner.call({ method: 'file.list', path })).result;
      if (entries.some(({ name }) => name !== '.ipynb_checkpoints')) {
        throw refused(`Directory ${path} not empty`);
      }
    }
    await runner.call({ method: 'file.remove', path });
    await removed.removed(path);
  }

  /** Normalised; throws `jupyter/refused` for the project's own folder and for hidden names. */
  #writable(rawPath: string): string {
    const path = normaliseProjectPath(rawPath);
    if (path === '') throw refused('This cannot be done to the folder of the project itself.');
    if (isHidden(path)) throw refused(`“${path}” is hidden and cannot be changed from here.`);
    return path;
  }

  /** Normalised; throws `file/not-found` for hidden names. */
  #shown(rawPath: string): string {
    const path = normaliseProjectPath(rawPath);
    if (isHidden(path)) throw notFound(path);
    return path;
  }

  async #stat(path: string): Promise<FileEntry | null> {
    const { entry } = (await this.#parts.project.runner.call({ method: 'file.stat', path })).result;
    return entry;
  }

  async #entry(path: string): Promise<FileEntry> {
    const entry = await this.#stat(this.#shown(path));
    if (entry === null || entry.type === 'other') throw notFound(path);
    return entry;
  }

  async #folder(rawPath: string): Promise<string> {
    const path = this.#shown(rawPath);
    const entry = await this.#entry(path);
    if (entry.type !== 'directory') throw refused('Cannot POST to files, use PUT instead.');
    return path;
  }

  async #listing(entry: FileEntry): Promise<ContentsModel> {
    const { entries } = (await this.#parts.project.runner.call({ method: 'file.list', path: entry.path }))
      .result;
    const shown = entries.filter(({ name, type }) => !name.startsWith('.') && type !== 'other');
    return { ...this.#model(entry), format: 'json', content: shown.map((each) => this.#model(each)) };
  }

  #model(entry: FileEntry, hash: string | null = null): ContentsModel {
    return modelOf(entry, this.#parts.mayWrite, hash);
  }

  /** What people did in it is in its file from here on. */
  async #settle(path: string): Promise<void> {
    const open = this.#parts.project.rooms.all.find(({ room }) => room.path === path);
    if (open) await written(open);
  }

  async #settleBelow(folder: string): Promise<void> {
    const below = this.#parts.project.rooms.all.filter(({ room }) => room.path.startsWith(`${folder}/`));
    await Promise.all(below.map((open) => written(open)));
  }

  #notebook(bytes: Uint8Array, path: string): Json {
    const { kinds, newId } = this.#parts;
    const parsed = kinds.notebook.fromFile(bytes, path, () => newId(8));
    if (!parsed.ok) {
      const why = appError(parsed.code, { details: parsed.details }).message;
      throw refused(`Unreadable Notebook: ${path} ${why}`);
    }
    const file: unknown = JSON.parse(utf8.decode(kinds.notebook.toFile(parsed.plain)));
    return isJsonObject(file) ? toApiNotebook(file) : null;
  }

  #whyInvalid(bytes: Uint8Array, path: string): string | null {
    const { kinds, newId } = this.#parts;
    const parsed = kinds.notebook.fromFile(bytes, path, () => newId(8));
    if (parsed.ok) return null;
    return `Notebook validation failed: ${appError(parsed.code, { details: parsed.details }).message}`;
  }

  async #saveFolder(path: string, before: FileEntry | null) {
    if (before !== null && before.type !== 'directory') throw badType(path, 'not a folder');
    if (before === null) await this.#parts.project.runner.call({ method: 'file.mkdir', path });
    return { model: this.#model(await this.#entry(path)), isNew: before === null };
  }

  async #make(
    folder: string,
    names: () => Iterable<string>,
    write: (path: string) => Promise<void>,
  ): Promise<ContentsModel> {
    const { runner } = this.#parts.project;
    const { entries } = (await runner.call({ method: 'file.list', path: folder })).result;
    const taken = new Set(entries.map(({ name }) => name));
    for (;;) {
      const name = firstFree(names(), taken);
      const path = joinPath(folder, name);
      try {
        await write(path);
        return this.#model(await this.#entry(path));
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'file/exists') || taken.has(name)) throw error;
        taken.add(name);
      }
    }
  }
}

function bytesOf(type: 'file' | 'notebook', { format, content }: SaveContents): Uint8Array {
  if (content === undefined || content === null) throw refused('No file content provided.');
  if (type === 'notebook') {
    if (!isJsonObject(content)) throw refused('The content of a notebook must be a JSON object.');
    return encoder.encode(`${JSON.stringify(fromApiNotebook(content), null, 1)}\n`);
  }
  if (typeof content !== 'string') throw refused('The content of a file must be a string.');
  return fileBytes(content, format);
}

/** Throws `jupyter/refused`: without its format nobody knows what a string stands for. */
export function fileBytes(content: string, format: SaveContents['format']): Uint8Array {
  if (format === 'base64') return decodedBase64(content);
  if (format === 'text') return encoder.encode(content);
  throw refused('Must specify format of file contents as ‘text’ or ‘base64’.');
}

function decodedBase64(text: string): Uint8Array {
  const clean = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean) || clean.length % 4 === 1) {
    throw refused('The content is not base64.');
  }
  return Buffer.from(clean, 'base64');
}

function textOrBase64(bytes: Uint8Array, path: string, wanted: 'text' | 'base64' | undefined) {
  if (wanted !== 'base64') {
    try {
      const content = utf8.decode(bytes);
      return { format: 'text' as const, content, mimetype: mimetypeOf(path, 'text') };
    } catch {
      if (wanted === 'text') throw appError('jupyter/bad-format', { details: { path } });
    }
  }
  const content = Buffer.from(bytes).toString('base64');
  return { format: 'base64' as const, content, mimetype: mimetypeOf(path, 'base64') };
}

/** Where the one checkpoint of a file lies. */
export function checkpointPath(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  return joinPath(joinPath(parentPath(path), '.ipynb_checkpoints'), `${stem}-checkpoint${extension}`);
}

const refused = (why: string) => appError('jupyter/refused', { details: { why } });
const notFound = (path: string) => appError('file/not-found', { details: { path } });
const badType = (path: string, what: string) => appError('jupyter/bad-type', { details: { path, what } });
