/**
 * The exported history: JSON lines, described for everybody in docs/history-export.md, and folded back to the document
 * at any moment without a server. Pure. Owned by whoever reads the lines.
 */
import { asBlobHash, type BlobHash } from '@cahier/base/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';
import type { NbOutput, PlainNotebook } from '../notebooks/notebook.ts';
import { pastCells } from './fold.ts';
import { PastDraft } from './past-draft.ts';
import { notebookOf, textOf } from './restore.ts';
import { emptyPast, type PastDocument, type Step } from './step.ts';

export const exportVersion = 1;

export type ExportLine =
  | {
      readonly line: 'history';
      readonly version: number;
      readonly kind: 'notebook' | 'text';
      readonly document: string;
      readonly path: string;
      readonly exportedAt: number;
      readonly lastSeq: number;
    }
  /** Steps name authors by `number`; each is told before its first step. */
  | {
      readonly line: 'author';
      readonly number: number;
      readonly person: string | null;
      readonly name: string;
    }
  /** What the hash of a run's outputs stands for; told before the first run that names it. */
  | { readonly line: 'outputs'; readonly hash: BlobHash; readonly outputs: readonly NbOutput[] }
  /** `damaged`: what it did could not be read when the export was made; it changes nothing. */
  | ({ readonly line: 'step'; readonly damaged?: true } & Step);

/** Folds lines up to a moment. */
export class HistoryReplay {
  readonly #draft = new PastDraft(emptyPast);
  readonly #outputs = new Map<string, readonly NbOutput[]>();
  readonly #isWanted: (step: Step) => boolean;
  readonly #path: string | null;
  #kind: 'notebook' | 'text' | null = null;
  /** This part of the export is of another document. */
  #isOther = false;
  #isOver = false;
  #lines = 0;
  readonly #damaged: number[] = [];

  /**
   * `until`: the last number, or the last time (ms); all of it when neither is given. `path`: of an export of several
   * documents this one.
   */
  constructor(until: { readonly seq?: number; readonly at?: number } = {}, path: string | null = null) {
    this.#path = path;
    const { seq = Number.POSITIVE_INFINITY, at = Number.POSITIVE_INFINITY } = until;
    this.#isWanted = (step) => step.seq <= seq && step.at <= at;
  }

  /** The moment was reached: further lines change nothing. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The wanted document was found. */
  get hasBegun(): boolean {
    return this.#kind !== null;
  }

  /** Steps so far that were damaged: what they did is missing. */
  get damaged(): readonly number[] {
    return this.#damaged;
  }

  get kind(): 'notebook' | 'text' {
    return this.#kind ?? 'notebook';
  }

  /** Throws a SyntaxError or RangeError, naming the line, when it is none of an export that this version knows. */
  take(text: string): void {
    this.#lines += 1;
    if (this.#isOver || text.trim() === '') return;
    const line = lineOf(text, this.#lines);
    if (line.line === 'history') {
      if (line.version !== exportVersion) {
        throw new RangeError(`line ${this.#lines}: version ${line.version} of the export is not known`);
      }
      const isWanted = this.#path === null || line.path === this.#path;
      if (this.#kind !== null && this.#path === null) {
        throw new RangeError(`line ${this.#lines}: there are several documents in it; say the path of one`);
      }
      // What comes after the wanted document is another one.
      if (this.#kind !== null) this.#isOver = true;
      else if (isWanted) this.#kind = line.kind;
      this.#isOther = !isWanted;
      return;
    }
    if (this.#isOther) return;
    if (this.#kind === null) throw new RangeError('the first line does not say that this is a history');
    if (line.line === 'outputs') this.#outputs.set(line.hash, line.outputs);
    if (line.line !== 'step') return;
    if (!this.#isWanted(line)) this.#isOver = true;
    else {
      if (line.damaged === true) this.#damaged.push(line.seq);
      this.#draft.apply(line);
    }
  }

  past(): PastDocument {
    return this.#draft.freeze();
  }

  /** The text of a text document. */
  text(): string {
    return textOf(this.past());
  }

  /** With the results that the export holds. */
  notebook(): PlainNotebook {
    const past = this.past();
    const runs = new Map(pastCells(past).map(({ id, run }) => [id, run]));
    const plain = notebookOf(past);
    return {
      ...plain,
      cells: plain.cells.map((cell) => {
        const run = runs.get(cell.id);
        if (cell.type !== 'code' || !run) return cell;
        return { ...cell, executionCount: run.count, outputs: this.#outputs.get(run.outputs) ?? [] };
      }),
    };
  }
}

function lineOf(text: string, number: number): ExportLine {
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SyntaxError(`line ${number} is not JSON`);
  }
  if (isJsonObject(json) && isLine(json)) return json;
  throw new RangeError(`line ${number} is no line of a history`);
}

function isLine(json: JsonObject): json is JsonObject & ExportLine {
  switch (json['line']) {
    case 'history':
      return typeof json['version'] === 'number' && (json['kind'] === 'notebook' || json['kind'] === 'text');
    case 'author':
      return typeof json['number'] === 'number';
    case 'outputs':
      return typeof json['hash'] === 'string' && Array.isArray(json['outputs']);
    case 'step':
      return (
        typeof json['seq'] === 'number' && typeof json['at'] === 'number' && Array.isArray(json['changes'])
      );
    default:
      return false;
  }
}

/** Hashes of outputs that a step names. */
export function outputsNamedBy(step: Step): BlobHash[] {
  return step.changes.flatMap((change) => (change.c === 'run' ? [asBlobHash(change.outputs)] : []));
}
