/** Three-way merge of JSON values: objects key by key, lists of strings (tags) as sets; else ours where both changed. */
import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@cahier/base/json.ts';
import { isStringList } from './nbformat/lines.ts';

type Maybe = Json | undefined;

export function mergeObject(base: JsonObject, ours: JsonObject, theirs: JsonObject): JsonObject {
  if (jsonEquals(theirs, base)) return ours;
  if (jsonEquals(ours, base)) return theirs;
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const value = mergeJson(own(base, key), own(ours, key), own(theirs, key));
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** undefined: the value is not there. A change wins over a removal. */
export function mergeJson(base: Maybe, ours: Maybe, theirs: Maybe): Maybe {
  if (jsonEquals(theirs, base)) return ours;
  if (jsonEquals(ours, base) || ours === undefined) return theirs;
  if (theirs === undefined) return ours;
  if (isJsonObject(ours) && isJsonObject(theirs)) {
    return mergeObject(isJsonObject(base) ? base : {}, ours, theirs);
  }
  if (isStringList(ours) && isStringList(theirs))
    return mergeSet(isStringList(base) ? base : [], ours, theirs);
  return ours;
}

function mergeSet(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
): readonly string[] {
  const isRemoved = (item: string, list: readonly string[]) => base.includes(item) && !list.includes(item);
  const both = [...ours, ...theirs.filter((item) => !ours.includes(item))];
  return both.filter((item) => !isRemoved(item, ours) && !isRemoved(item, theirs));
}

function own(object: JsonObject, key: string): Maybe {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
