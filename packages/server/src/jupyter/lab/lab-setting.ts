/**
 * Whether what somebody typed as the settings of a plugin can be kept: JSON with comments that fits the plugin's schema.
 * Formats are not checked, as jupyterlab_server does not. Fills in nothing and keeps nothing.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import JSON5 from 'json5';
import type { LabSetting } from './lab-build.ts';

// JupyterLab's schemas have words of their own (`jupyter.lab.…`), and are checked when it is built
const ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: false, addUsedSchema: false });
const compiled = new WeakMap<LabSetting, ValidateFunction>();
const longestFlaw = 300;

/** What is wrong with it; null: nothing. */
export function flawOfSetting(raw: string, setting: LabSetting): string | null {
  let value: unknown;
  try {
    value = JSON5.parse(raw);
  } catch (error) {
    return error instanceof SyntaxError ? error.message : String(error);
  }
  const validate = compiled.get(setting) ?? ajv.compile(setting.schema);
  compiled.set(setting, validate);
  if (validate(value)) return null;
  return ajv.errorsText(validate.errors, { dataVar: 'it' }).slice(0, longestFlaw);
}
