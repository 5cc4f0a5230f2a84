/**
 * What a running cell asks, as a client of the shared document is shown it: an output with a type of its own. It exists
 * only while the cell waits, and never in a file or in the history: whoever takes outputs from a client leaves it out.
 */
import { isJsonObject, type JsonObject } from '@cahier/base/json.ts';

/** Also named in jupyterlab/src/question.ts. */
export const questionMime = 'application/vnd.cahier.input+json';

export function isQuestion(output: JsonObject): boolean {
  const data = output['data'];
  return data !== undefined && isJsonObject(data) && Object.hasOwn(data, questionMime);
}
