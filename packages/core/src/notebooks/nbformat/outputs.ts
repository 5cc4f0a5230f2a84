/** Outputs between the form of the file and `NbOutput`. What does not fit the format exactly is kept as `unknown`. */
import { assertNever } from '@cahier/base/assert-never.ts';
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';
import type { NbOutput } from '../notebook.ts';
import { isStringList, joinBundle, joinLines, mapEntries, splitBundle, splitLines } from './lines.ts';

/** One output of a file, texts joined. Nothing of it is lost: an odd one is `unknown`. */
export function readOutput(raw: JsonObject): NbOutput {
  return readKnown(raw) ?? { type: 'unknown', raw: joinFields(raw) };
}

function readKnown(raw: JsonObject): NbOutput | null {
  const { output_type, data, metadata = {} } = raw;
  switch (output_type) {
    case 'stream': {
      const text = joinLines(raw['text']);
      const name = raw['name'];
      if (!hasOnly(raw, 'name', 'text') || text === null) return null;
      return name === 'stdout' || name === 'stderr' ? { type: 'stream', name, text } : null;
    }
    case 'display_data':
      if (!hasOnly(raw, 'data', 'metadata') || !isJsonObject(data) || !isJsonObject(metadata)) return null;
      return { type: 'display_data', data: joinBundle(data), metadata };
    case 'execute_result': {
      const count = raw['execution_count'] ?? null;
      if (!hasOnly(raw, 'data', 'metadata', 'execution_count') || !isCount(count)) return null;
      if (!isJsonObject(data) || !isJsonObject(metadata)) return null;
      return { type: 'execute_result', data: joinBundle(data), metadata, executionCount: count };
    }
    case 'error': {
      const { ename, evalue, traceback } = raw;
      if (!hasOnly(raw, 'ename', 'evalue', 'traceback') || !isStringList(traceback)) return null;
      if (typeof ename !== 'string' || typeof evalue !== 'string') return null;
      return { type: 'error', ename, evalue, traceback };
    }
    default:
      return null;
  }
}

/** The output as the file has it. */
export function writeOutput(output: NbOutput): JsonObject {
  switch (output.type) {
    case 'stream':
      return { output_type: 'stream', name: output.name, text: splitLines(output.text) };
    case 'display_data':
      return { output_type: 'display_data', data: splitBundle(output.data), metadata: output.metadata };
    case 'execute_result':
      return {
        output_type: 'execute_result',
        data: splitBundle(output.data),
        metadata: output.metadata,
        execution_count: output.executionCount,
      };
    case 'error':
      return {
        output_type: 'error',
        ename: output.ename,
        evalue: output.evalue,
        traceback: output.traceback,
      };
    case 'unknown':
      return splitFields(output.raw);
    default:
      return assertNever(output);
  }
}

export function isCount(value: Json): value is number | null {
  return value === null || (typeof value === 'number' && Number.isSafeInteger(value));
}

function hasOnly(raw: JsonObject, ...keys: readonly string[]): boolean {
  return Object.keys(raw).every((key) => key === 'output_type' || keys.includes(key));
}

/** The reference joins and splits these fields by output type, whatever else the output has. */
function joinFields(raw: JsonObject): JsonObject {
  return mapEntries(raw, (value, key) => {
    if (isDataOf(raw, key) && isJsonObject(value)) return joinBundle(value);
    return isTextOf(raw, key) ? (joinLines(value) ?? value) : value;
  });
}

function splitFields(raw: JsonObject): JsonObject {
  return mapEntries(raw, (value, key) => {
    if (isDataOf(raw, key) && isJsonObject(value)) return splitBundle(value);
    return isTextOf(raw, key) && typeof value === 'string' ? splitLines(value) : value;
  });
}

const isDataOf = (raw: JsonObject, key: string) =>
  key === 'data' && (raw['output_type'] === 'display_data' || raw['output_type'] === 'execute_result');
const isTextOf = (raw: JsonObject, key: string) => key === 'text' && raw['output_type'] === 'stream';
