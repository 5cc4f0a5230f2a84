/**
 * Notebook files of formats 2 and 3 (IPython 0.12 to 2.x) as format 4.5, the way the reference converts them:
 * worksheets are flattened, headings become Markdown, output fields become MIME bundles.
 */
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';
import { isStringList, joinLines, mapEntries, without } from './lines.ts';
import { parseJson } from './parse-json.ts';
import { isList, type Read } from './read-cells.ts';

const mimes: Readonly<Record<string, string>> = {
  text: 'text/plain',
  html: 'text/html',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpeg: 'image/jpeg',
  latex: 'text/latex',
  json: 'application/json',
  javascript: 'application/javascript',
};

/** Format 2 as 3: the shape is the same, but lists of lines come without their line ends. */
export function upgrade2(json: JsonObject): JsonObject {
  return { metadata: {}, ...json, nbformat: 3, nbformat_minor: 0 };
}

export function upgrade3(json: JsonObject): Read<JsonObject> {
  const { metadata, worksheets } = json;
  if (!isJsonObject(metadata)) return { ok: false, why: 'it has no metadata' };
  if (!isList(worksheets)) return { ok: false, why: 'it has no worksheets' };
  const cells: Json[] = [];
  for (const [i, sheet] of worksheets.entries()) {
    const list = isJsonObject(sheet) ? sheet['cells'] : undefined;
    if (!isList(list)) return { ok: false, why: `worksheet ${i + 1} has no list of cells` };
    for (const cell of list) cells.push(isJsonObject(cell) ? upgradeCell(cell) : cell);
  }
  const rest = without(json, 'worksheets', 'orig_nbformat', 'orig_nbformat_minor');
  return {
    ok: true,
    value: {
      ...rest,
      nbformat: 4,
      nbformat_minor: 5,
      metadata: without(metadata, 'name', 'signature'),
      cells,
    },
  };
}

function upgradeCell(cell: JsonObject): JsonObject {
  const metadata = isJsonObject(cell['metadata']) ? cell['metadata'] : {};
  switch (cell['cell_type']) {
    case 'code': {
      const rest = without(cell, 'language', 'collapsed', 'input', 'prompt_number', 'outputs');
      const isFolded = 'collapsed' in cell;
      const outputs = isList(cell['outputs']) ? cell['outputs'] : [];
      return {
        ...rest,
        metadata: isFolded ? { ...metadata, collapsed: cell['collapsed'] ?? false } : metadata,
        source: joinOld(cell['input'] ?? '') ?? null,
        execution_count: cell['prompt_number'] ?? null,
        outputs: outputs.map((output) => (isJsonObject(output) ? upgradeOutput(output) : output)),
      };
    }
    case 'heading': {
      const level = typeof cell['level'] === 'number' ? Math.min(6, Math.max(1, cell['level'])) : 1;
      const title = (joinOld(cell['source'] ?? '') ?? '')
        .split(/\r\n|\r|\n/)
        .join(' ')
        .trimEnd();
      return {
        ...without(cell, 'level'),
        cell_type: 'markdown',
        metadata,
        source: `${'#'.repeat(level)} ${title}`,
      };
    }
    case 'html':
      return { ...cell, cell_type: 'markdown', metadata, source: joinOld(cell['source'] ?? '') ?? null };
    default:
      return { ...cell, metadata, source: joinOld(cell['source'] ?? '') ?? null };
  }
}

function upgradeOutput(output: JsonObject): JsonObject {
  const type = output['output_type'];
  if (type === 'pyerr') return { ...output, output_type: 'error' };
  if (type === 'stream') {
    const rest = without(output, 'stream');
    return { ...rest, name: output['stream'] ?? 'stdout', text: joinOld(output['text'] ?? '') ?? '' };
  }
  if (type !== 'pyout' && type !== 'display_data') return output;
  const fields = without(output, 'output_type', 'metadata', 'prompt_number');
  const metadata = isJsonObject(output['metadata']) ? output['metadata'] : {};
  const named = {
    data: toMimes(mapEntries(fields, (value) => joinOld(value) ?? value)),
    metadata: toMimes(metadata),
  };
  if (type === 'display_data') return { output_type: 'display_data', ...named };
  return { output_type: 'execute_result', ...named, execution_count: output['prompt_number'] ?? null };
}

function toMimes(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const mime = mimes[key] ?? key;
      return [mime, mime === 'application/json' && typeof value === 'string' ? parsedOr(value) : value];
    }),
  );
}

function parsedOr(text: string): Json {
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : text;
}

/** Old writers split lines with or without their ends; the first line tells which. */
function joinOld(value: Json): string | null {
  if (!isStringList(value)) return joinLines(value);
  return value.join(/[\n\r]$/.test(value[0] ?? '') ? '' : '\n');
}
