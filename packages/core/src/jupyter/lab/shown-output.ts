/**
 * Outputs as JupyterLab is shown them: nbformat 4, texts joined, small values inside, large ones as a note with a link.
 * Pure; values kept elsewhere are given already read.
 */
import type { KernelId, PersonId } from '@cahier/base/ids.ts';
import type { Json, JsonObject } from '@cahier/base/json.ts';
import { isJsonObject, jsonEquals } from '@cahier/base/json.ts';
import * as Y from 'yjs';
import type { NbOutput } from '../../notebooks/notebook.ts';
import { jsonOf } from '../../notebooks/source-layout.ts';
import type { BlobRef, LiveOutput, PendingInput } from '../../runs/live.ts';
import { isBinaryMime, isJsonMime } from '../../runs/mime-type.ts';
import { isQuestion, questionMime } from '../question.ts';

/** One element of `outputs`. */
export type Shown =
  | { readonly is: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | { readonly is: 'json'; readonly json: JsonObject };

/** Largest single value inside the shared document, bytes. */
export const largestValue = 1024 * 1024;
/** Text of one stream inside the shared document; what comes before is left out. */
export const longestStream = 512 * 1024;

type Bundle = Extract<LiveOutput, { type: 'display_data' | 'execute_result' }>;
export type Links = {
  readonly blobUrl: (ref: BlobRef, mime: string) => string;
};

/** `valueOf` undefined: too large, or `lost`: no longer stored. */
export function showBundle(
  output: Bundle,
  valueOf: (ref: BlobRef, mime: string) => Json | undefined,
  links: Links,
): Shown {
  const data: Record<string, Json> = { ...output.data };
  const left: [string, BlobRef][] = [];
  for (const [mime, ref] of Object.entries(output.blobs ?? {})) {
    const value = valueOf(ref, mime);
    if (value === undefined) left.push([mime, ref]);
    else data[mime] = value;
  }
  if (left.length > 0) Object.assign(data, noteOf(left, data, links));
  const common = { data, metadata: output.metadata };
  if (output.type === 'display_data') return { is: 'json', json: { output_type: output.type, ...common } };
  const count = output.executionCount ?? null;
  return { is: 'json', json: { output_type: output.type, ...common, execution_count: count } };
}

/** What is shown in place of values that are too large: pictures by their link, others as a sentence. */
function noteOf(left: readonly (readonly [string, BlobRef])[], data: JsonObject, links: Links): JsonObject {
  const lines = left.map(([mime, ref]) => `[${mime}, ${sizeText(ref.size)}: ${links.blobUrl(ref, mime)}]`);
  const html = left.map(([mime, ref]) => {
    const url = escaped(links.blobUrl(ref, mime));
    const words = `${escaped(mime)}, ${sizeText(ref.size)}`;
    if (mime.startsWith('image/')) return `<img src="${url}" alt="${words}" style="max-width:100%">`;
    return `<p>This result is large: <a href="${url}" target="_blank" rel="noopener">${words}</a></p>`;
  });
  const text = data['text/plain'];
  return {
    'text/plain': typeof text === 'string' ? text : lines.join('\n'),
    ...(Object.hasOwn(data, 'text/html') ? {} : { 'text/html': html.join('\n') }),
  };
}

/** In front of a stream whose beginning is left out. */
export function showLeftOut(size: number, url: string): Shown {
  const words = `The first ${sizeText(size)} of this output are not shown here.`;
  return {
    is: 'json',
    json: {
      output_type: 'display_data',
      data: {
        'text/plain': `${words} All of it: ${url}`,
        'text/html': `<p>${words} <a href="${escaped(url)}" target="_blank" rel="noopener">All of it</a></p>`,
      },
      metadata: {},
    },
  };
}

/** A cell that waits for an answer, and whom it asks. */
export interface Question {
  readonly input: PendingInput;
  /** Whose run it is. */
  readonly by: PersonId | null;
  readonly kernel: KernelId | null;
}

/**
 * Below what a cell has said so far, while it waits for an answer: who runs cells on the server is asked by nobody else.
 * Our own JupyterLab makes a field of it (jupyterlab/src/question.ts), any other shows the sentence.
 */
export function showQuestion({ input, by, kernel }: Question, url: string): Shown {
  const { prompt, isPassword, run } = input;
  const asks = prompt.trim() === '' ? 'The code waits for an answer.' : `The code asks: ${prompt.trim()}`;
  return {
    is: 'json',
    json: {
      output_type: 'display_data',
      data: {
        [questionMime]: { prompt, password: isPassword, run, by, kernel },
        'text/plain': `${asks}\nAnswer in Cahier: ${url}`,
        'text/html': `<p>${escaped(asks)} <a href="${escaped(url)}" target="_blank" rel="noopener">Answer in Cahier</a></p>`,
      },
      metadata: {},
    },
  };
}

export function showError(output: Extract<LiveOutput, { type: 'error' }>): Shown {
  const { ename, evalue, traceback } = output;
  return { is: 'json', json: { output_type: 'error', ename, evalue, traceback } };
}

/** Output types that nbformat does not know are shown to nobody, but stay in the file. */
export function showUnknown(raw: JsonObject): Shown {
  const type = raw['output_type'];
  const json = { output_type: 'display_data', data: { 'text/plain': `[${String(type)}]` }, metadata: {} };
  return { is: 'json', json };
}

const lost = 'This part of the output is no longer stored.\n';

/** A value as the bundle had it; `null` bytes: it is gone. */
export function valueFrom(ref: BlobRef, mime: string, bytes: Uint8Array | null): Json {
  if (bytes === null) return isJsonMime(mime) ? { 'text/plain': lost } : lost;
  if (isBinaryMime(mime)) return withBreaks(base64(bytes), ref.breaks);
  const text = new TextDecoder().decode(bytes);
  if (!isJsonMime(mime)) return text;
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return { 'text/plain': lost };
  }
}

export function pageText(bytes: Uint8Array | null): string {
  return bytes === null ? lost : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function withBreaks(text: string, breaks: BlobRef['breaks']): string {
  if (breaks === 'lines') return text.replace(/.{1,76}/g, '$&\n');
  return breaks === 'end' ? `${text}\n` : text;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Two digits for each 12 bits. */
const twoDigits = Array.from(
  { length: 4096 },
  (_, bits) => digits.charAt(bits >> 6) + digits.charAt(bits & 63),
);

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += (twoDigits[bits >> 12] ?? '') + (twoDigits[bits & 4095] ?? '');
  }
  const filled = (3 - (bytes.length % 3)) % 3;
  return filled === 0 ? text : text.slice(0, -filled) + '='.repeat(filled);
}

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** As an element of `outputs`: a map whose stream text is a shared text, so that it can grow. */
export function toShared(shown: Shown): Y.Map<unknown> {
  if (shown.is === 'json') return new Y.Map<unknown>(Object.entries(shown.json));
  const { name, text } = shown;
  return new Y.Map<unknown>([
    ['output_type', 'stream'],
    ['name', name],
    ['text', new Y.Text(text)],
  ]);
}

/** What a client, or the projection before a restart, has written there. Texts in lists are joined. */
export function readShown(outputs: Y.Array<unknown>): Shown[] {
  return outputs.toArray().map((element): Shown => {
    const json = jsonOf(element);
    const object = isJsonObject(json) ? json : { output_type: 'unknown' };
    const { output_type: type, name } = object;
    const isOurs = element instanceof Y.Map && element.get('text') instanceof Y.Text;
    if (type !== 'stream' || !isOurs) return { is: 'json', json: object };
    return { is: 'stream', name: name === 'stderr' ? 'stderr' : 'stdout', text: joined(object['text']) };
  });
}

export function isSameShown(a: Shown | undefined, b: Shown | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a.is === 'stream') return b.is === 'stream' && a.name === b.name && a.text === b.text;
  return b.is === 'json' && jsonEquals(a.json, b.json);
}

/** Results that a client brought, as files have them. */
export function toNbOutputs(outputs: Y.Array<unknown>): NbOutput[] {
  return outputs.toArray().flatMap((element): NbOutput[] => {
    const raw = jsonOf(element);
    if (!isJsonObject(raw) || isQuestion(raw)) return [];
    const data = isJsonObject(raw['data']) ? mapValues(raw['data']) : {};
    const metadata = isJsonObject(raw['metadata']) ? raw['metadata'] : {};
    const { output_type: type, execution_count: count } = raw;
    if (type === 'stream') {
      return [{ type, name: raw['name'] === 'stderr' ? 'stderr' : 'stdout', text: joined(raw['text']) }];
    }
    if (type === 'display_data') return [{ type, data, metadata }];
    if (type === 'execute_result') {
      return [{ type, data, metadata, executionCount: typeof count === 'number' ? count : null }];
    }
    if (type !== 'error') return [{ type: 'unknown', raw }];
    const lines = raw['traceback'];
    const traceback = Array.isArray(lines) ? lines.filter((line) => typeof line === 'string') : [];
    return [{ type, ename: joined(raw['ename']), evalue: joined(raw['evalue']), traceback }];
  });
}

function mapValues(data: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => [
      mime,
      isJsonMime(mime) || !isLines(value) ? value : value.join(''),
    ]),
  );
}

function isLines(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((line) => typeof line === 'string');
}

function joined(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value !== undefined && isLines(value) ? value.join('') : '';
}
