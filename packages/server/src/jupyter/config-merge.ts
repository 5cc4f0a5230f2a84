/** How a PATCH changes a section of Jupyter's configuration. Source: jupyter_server, `recursive_update`. */
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';

/** Objects are merged, null deletes, an object that becomes empty goes, everything else replaces. */
export function mergedConfig(target: JsonObject, change: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(target));
  for (const [key, value] of Object.entries(change)) {
    if (value === null) merged.delete(key);
    else if (isJsonObject(value)) {
      const old = merged.get(key);
      const below = mergedConfig(isJsonObject(old) ? old : {}, value);
      if (Object.keys(below).length === 0) merged.delete(key);
      else merged.set(key, below);
    } else merged.set(key, value);
  }
  // not by assignment: a key may be called __proto__
  return Object.fromEntries(merged);
}
