/**
 * JSON as kernels write it: Python's writer emits bare `NaN`, `Infinity` and `-Infinity`, which JSON has no word for.
 * They become null. Everything else that is not JSON gives undefined.
 */
import type { Json } from '@cahier/base/json.ts';

const stringOrNonNumber = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

export function parseTolerantJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    try {
      const value: Json = JSON.parse(
        text.replace(stringOrNonNumber, (token) => (token.startsWith('"') ? token : 'null')),
      );
      return value;
    } catch {
      return undefined;
    }
  }
}
