import type { Json, JsonObject } from '@cahier/base/json.ts';
import { z } from 'zod';

/** Any JSON value. Parsed text is JSON already, so the check is only that it is there: deep walks would cost megabytes. */
export const json = z.custom<Json>((value) => value !== undefined);
export const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
