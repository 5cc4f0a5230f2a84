/**
 * A notebook as Jupyter's contents API sends and takes it: lines of text joined, and without what exists only between a
 * server and its page (`trusted`, questions that were not answered). Files have the lines apart. Source: nbformat v4, rwbase.py.
 */
import { type Json, type JsonObject, isJsonObject } from '@cahier/base/json.ts';
import { isQuestion } from './question.ts';

type Change = (value: JsonObject) => JsonObject;

/** Of a notebook as its file has it. */
export function toApiNotebook(file: JsonObject): JsonObject {
  return withCells(file, (cell) => {
    const joined = withKey(cell, 'source', joinLines);
    return withKey(withOutputs(joined), 'attachments', (value) =>
      isJsonObject(value)
        ? mapValues(value, (bundle) => (isJsonObject(bundle) ? joinBundle(bundle) : bundle))
        : value,
    );
  });
}

/** Of a notebook that a client sends to be saved. */
export function fromApiNotebook(sent: JsonObject): JsonObject {
  const clean = withKey(sent, 'metadata', (value) =>
    without(value, ['orig_nbformat', 'orig_nbformat_minor', 'signature']),
  );
  return withCells(clean, (cell) => {
    const unmarked = withKey(cell, 'metadata', (value) => without(value, ['trusted']));
    return withKey(unmarked, 'outputs', withoutQuestions);
  });
}

function withCells(notebook: JsonObject, change: Change): JsonObject {
  return withKey(notebook, 'cells', (cells) =>
    Array.isArray(cells) ? cells.map((cell: Json) => (isJsonObject(cell) ? change(cell) : cell)) : cells,
  );
}

function withOutputs(cell: JsonObject): JsonObject {
  return withKey(cell, 'outputs', (outputs) =>
    Array.isArray(outputs)
      ? outputs.map((output: Json) => {
          if (!isJsonObject(output)) return output;
          const joined = withKey(output, 'text', joinLines);
          return withKey(joined, 'data', (data) => (isJsonObject(data) ? joinBundle(data) : data));
        })
      : outputs,
  );
}

function withoutQuestions(outputs: Json): Json {
  if (!Array.isArray(outputs)) return outputs;
  return outputs.filter((output: Json) => !isJsonObject(output) || !isQuestion(output));
}

/** JSON is left alone: there a list is a list. */
function joinBundle(bundle: JsonObject): JsonObject {
  return mapValues(bundle, (value, mime) =>
    mime === 'application/json' || mime.endsWith('+json') ? value : joinLines(value),
  );
}

function joinLines(value: Json): Json {
  return Array.isArray(value) && value.every((line) => typeof line === 'string') ? value.join('') : value;
}

function withKey(object: JsonObject, key: string, change: (value: Json) => Json): JsonObject {
  const value = object[key];
  return value === undefined ? object : { ...object, [key]: change(value) };
}

function without(value: Json, keys: readonly string[]): Json {
  if (!isJsonObject(value) || !keys.some((key) => Object.hasOwn(value, key))) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

function mapValues(object: JsonObject, change: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}
