/**
 * The kernel's help in the editor: completion (Tab, or while typing) and inspection (Shift-Tab). The kernel may be busy
 * or absent: then completion falls back on the words of the cell; help while typing waits no longer than a second.
 */
import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completeAnyWord,
} from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import type { Json, JsonObject } from '@cahier/base/json.ts';
import { isJsonObject } from '@cahier/base/json.ts';
import { toCodePoints, toUnits } from './code-points.ts';

export interface KernelAssist {
  /** Content of a complete_reply; null when the kernel is busy or not there. `cursor` in code points. */
  complete(code: string, cursor: number): Promise<Json>;
  inspect(code: string, cursor: number, detail: 0 | 1): Promise<Json>;
}

/** While typing; who asks by Tab is willing to wait. */
const limitMs = 1_000;
const askedLimitMs = 5_000;

export function kernelCompletion(assist: KernelAssist) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/[\w.]+$/);
    if (!context.explicit && (!word || !/[A-Za-z_]\w*$|\.$/.test(word.text) || word.text.length < 2))
      return null;
    // Prose: nobody asked, and Enter would take a word instead of ending the line.
    if (!context.explicit && /comment/i.test(syntaxTree(context.state).resolveInner(context.pos, -1).name))
      return null;
    const code = context.state.sliceDoc();
    const reply = await within(
      context.explicit ? askedLimitMs : limitMs,
      assist.complete(code, toCodePoints(code, context.pos)),
    );
    if (context.aborted) return null;
    return completionsOf(reply, code, context.pos) ?? completeAnyWord(context);
  };
}

/** A complete_reply as the editor's result; null when there is nothing in it. Exported for its test. */
export function completionsOf(reply: Json, code: string, cursor: number): CompletionResult | null {
  if (!isJsonObject(reply) || !Array.isArray(reply['matches']) || reply['matches'].length === 0) return null;
  const start = reply['cursor_start'];
  const end = reply['cursor_end'];
  const from = typeof start === 'number' ? toUnits(code, start) : cursor;
  const to = typeof end === 'number' ? toUnits(code, end) : cursor;
  const types = typesOf(reply);
  const options = reply['matches'].flatMap((text: Json, i: number): Completion[] => {
    if (typeof text !== 'string') return [];
    const { type, detail } = types.get(text) ?? {};
    return [
      {
        label: text,
        // The kernel's order is the right one.
        boost: Math.max(-99, 99 - i),
        ...(type === undefined ? {} : { type }),
        ...(detail === undefined ? {} : { detail }),
      },
    ];
  });
  const validFor = /^[\w.]*$/;
  return { from, to, options, ...(validFor.test(code.slice(from, cursor)) ? { validFor: /^\w*$/ } : {}) };
}

/** IPython says what each match is: `metadata._jupyter_types_experimental`. */
function typesOf(reply: JsonObject): Map<string, { type?: string; detail?: string }> {
  const metadata = reply['metadata'];
  const list = isJsonObject(metadata) ? metadata['_jupyter_types_experimental'] : undefined;
  const types = new Map<string, { type?: string; detail?: string }>();
  if (!Array.isArray(list)) return types;
  for (const item of list) {
    if (!isJsonObject(item) || typeof item['text'] !== 'string') continue;
    const type = item['type'];
    const signature = item['signature'];
    types.set(item['text'], {
      ...(typeof type === 'string' && type !== '' && type !== '<unknown>' ? { type: iconOf(type) } : {}),
      ...(typeof signature === 'string' && signature !== '' ? { detail: signature } : {}),
    });
  }
  return types;
}

function iconOf(type: string): string {
  const known: Readonly<Record<string, string>> = {
    function: 'function',
    class: 'class',
    module: 'namespace',
    instance: 'variable',
    statement: 'variable',
    keyword: 'keyword',
    magic: 'keyword',
    param: 'variable',
    path: 'text',
    property: 'property',
  };
  return known[type] ?? 'variable';
}

/** Text of an inspect_reply (may hold ANSI colours); null when nothing was found. */
export function inspectionText(reply: Json): string | null {
  if (!isJsonObject(reply) || reply['found'] !== true || !isJsonObject(reply['data'])) return null;
  const text = reply['data']['text/plain'];
  return typeof text === 'string' ? text : null;
}

/** null after `ms`, and when the kernel or the link says no: help that does not come is no error. */
export async function within(ms: number, asked: Promise<Json>): Promise<Json> {
  const { promise, resolve } = Promise.withResolvers<Json>();
  const timer = setTimeout(() => resolve(null), ms);
  asked.then(resolve, () => resolve(null));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
