/** What differs between two JSON objects (metadata, attachments), key by key, down to the innermost objects. */
import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@cahier/base/json.ts';

/** `before` or `after` is absent when the key was not there on that side. */
export interface KeyChange {
  readonly path: readonly string[];
  readonly before?: Json;
  readonly after?: Json;
}

/** In the order of the earlier object's keys, then of the later one's. Empty: both are equal. */
export function compareJson(before: JsonObject, after: JsonObject): readonly KeyChange[] {
  return [...changesOf(before, after, [])];
}

function* changesOf(before: JsonObject, after: JsonObject, path: readonly string[]): Iterable<KeyChange> {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = Object.hasOwn(before, key) ? before[key] : undefined;
    const is = Object.hasOwn(after, key) ? after[key] : undefined;
    if (jsonEquals(was, is)) continue;
    if (isJsonObject(was) && isJsonObject(is)) yield* changesOf(was, is, [...path, key]);
    else {
      yield {
        path: [...path, key],
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      };
    }
  }
}
