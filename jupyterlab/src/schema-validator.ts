/**
 * Stands in for Ajv, which makes functions from text: the page's policy forbids that. Reads a JSON schema (draft 7, what
 * JupyterLab's settings use) while it checks a value, with Ajv's names for what went wrong. Formats are not checked.
 * `useDefaults` fills what is missing, as Ajv does: in properties and tuples, never below anyOf, oneOf, not and if.
 */
type Schema = boolean | Readonly<Record<string, unknown>>;

export interface Finding {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface Validate {
  (value: unknown): boolean;
  errors: readonly Finding[] | null;
  schema: Schema;
}

interface Place {
  /** What `#` means. */
  readonly root: Schema;
  readonly path: string;
  readonly fill: boolean;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSchema = (value: unknown): value is Schema => typeof value === 'boolean' || isObject(value);
const schemasIn = (value: unknown): readonly Schema[] => (Array.isArray(value) ? value.filter(isSchema) : []);
const schemaMap = (value: unknown): readonly (readonly [string, Schema])[] =>
  isObject(value)
    ? Object.entries(value).flatMap(([name, schema]) => (isSchema(schema) ? [[name, schema] as const] : []))
    : [];

export default class SchemaValidator {
  readonly #fill: boolean;
  readonly #kept = new Map<string, Validate>();
  errors: readonly Finding[] | null = null;

  constructor(options: { readonly useDefaults?: boolean } = {}) {
    this.#fill = options.useDefaults ?? false;
  }

  addSchema(schema: Schema, key: string): this {
    this.#kept.set(key, this.compile(schema));
    return this;
  }

  getSchema(key: string): Validate | undefined {
    return this.#kept.get(key);
  }

  /** Without a key: all. */
  removeSchema(key?: string | Schema): this {
    if (typeof key === 'string') this.#kept.delete(key);
    else if (key === undefined) this.#kept.clear();
    return this;
  }

  compile(schema: Schema): Validate {
    const validate: Validate = Object.assign(
      (value: unknown) => {
        const found = this.#check(value, schema, { root: schema, path: '', fill: this.#fill });
        validate.errors = found.length === 0 ? null : found;
        return found.length === 0;
      },
      { errors: null, schema },
    );
    return validate;
  }

  validate(schema: Schema, value: unknown): boolean {
    const validate = this.compile(schema);
    const isValid = validate(value);
    this.errors = validate.errors;
    return isValid;
  }

  /** Whether it can be read as a schema at all. */
  validateSchema(schema: unknown): boolean {
    this.errors = isSchema(schema)
      ? null
      : [finding('', 'type', { type: ['object', 'boolean'] }, 'must be object,boolean')];
    return this.errors === null;
  }

  errorsText(errors: readonly Finding[] | null = this.errors): string {
    return (errors ?? []).map(({ instancePath, message }) => `data${instancePath} ${message}`).join(', ');
  }

  addFormat(): this {
    return this;
  }

  addKeyword(): this {
    return this;
  }

  addMetaSchema(): this {
    return this;
  }

  #check(value: unknown, schema: Schema, place: Place): Finding[] {
    if (schema === true) return [];
    if (schema === false) return [finding(place.path, 'false schema', {}, 'boolean schema is false')];
    const found: Finding[] = [];
    if (typeof schema['$ref'] === 'string') found.push(...this.#checkRef(value, schema['$ref'], place));
    found.push(...checkValue(value, schema, place.path));
    if (isObject(value)) found.push(...this.#checkObject(value, schema, place));
    if (Array.isArray(value)) found.push(...this.#checkArray(value, schema, place));
    found.push(...this.#checkCompound(value, schema, place));
    return found;
  }

  #checkRef(value: unknown, ref: string, place: Place): Finding[] {
    const [name = '', pointer = ''] = ref.split('#');
    const root = name === '' ? place.root : this.#kept.get(name)?.schema;
    const target = root === undefined ? undefined : atPointer(root, pointer);
    if (root === undefined || target === undefined) {
      return [finding(place.path, '$ref', { $ref: ref }, `can't resolve reference ${ref}`)];
    }
    return this.#check(value, target, { ...place, root });
  }

  #checkObject(value: Record<string, unknown>, schema: Record<string, unknown>, place: Place): Finding[] {
    const found: Finding[] = [];
    const properties = schemaMap(schema['properties']);
    if (place.fill) {
      for (const [name, each] of properties) {
        if (value[name] === undefined && isObject(each) && each['default'] !== undefined) {
          value[name] = structuredClone(each['default']);
        }
      }
    }
    const { path } = place;
    for (const name of Array.isArray(schema['required']) ? schema['required'] : []) {
      if (typeof name === 'string' && value[name] === undefined) {
        found.push(
          finding(path, 'required', { missingProperty: name }, `must have required property '${name}'`),
        );
      }
    }
    const known = new Map(properties);
    const patterns = schemaMap(schema['patternProperties']).map(
      ([text, each]) => [new RegExp(text, 'u'), each] as const,
    );
    const others = schema['additionalProperties'];
    const names = schema['propertyNames'];
    for (const [name, item] of Object.entries(value)) {
      const at = { ...place, path: `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` };
      if (isSchema(names)) found.push(...this.#check(name, names, { ...at, fill: false }));
      const own = known.get(name);
      if (own !== undefined && item !== undefined) found.push(...this.#check(item, own, at));
      const matching = patterns.filter(([pattern]) => pattern.test(name));
      for (const [, each] of matching) found.push(...this.#check(item, each, at));
      if (own !== undefined || matching.length > 0) continue;
      if (others === false) {
        const params = { additionalProperty: name };
        found.push(finding(path, 'additionalProperties', params, 'must NOT have additional properties'));
      } else if (isSchema(others)) found.push(...this.#check(item, others, at));
    }
    const count = Object.keys(value).length;
    found.push(...countFindings(count, schema, 'minProperties', 'maxProperties', 'properties', path));
    return found;
  }

  #checkArray(value: unknown[], schema: Record<string, unknown>, place: Place): Finding[] {
    const { path } = place;
    const { items, uniqueItems, contains } = schema;
    const found = countFindings(value.length, schema, 'minItems', 'maxItems', 'items', path);
    if (uniqueItems === true && new Set(value.map(canonical)).size < value.length) {
      found.push(finding(path, 'uniqueItems', {}, 'must NOT have duplicate items'));
    }
    const tuple = Array.isArray(items) ? schemasIn(items) : null;
    if (tuple && place.fill) {
      for (const [at, each] of tuple.entries()) {
        if (value[at] === undefined && isObject(each) && each['default'] !== undefined) {
          value[at] = structuredClone(each['default']);
        }
      }
    }
    for (const [at, item] of value.entries()) {
      const each = tuple ? (tuple[at] ?? schema['additionalItems']) : items;
      if (isSchema(each)) found.push(...this.#check(item, each, { ...place, path: `${path}/${at}` }));
    }
    if (isSchema(contains) && !value.some((item) => this.#holds(item, contains, place))) {
      found.push(finding(path, 'contains', {}, 'must contain at least 1 valid item(s)'));
    }
    return found;
  }

  #checkCompound(value: unknown, schema: Record<string, unknown>, place: Place): Finding[] {
    const { path } = place;
    const found = schemasIn(schema['allOf']).flatMap((each) => this.#check(value, each, place));
    const any = schemasIn(schema['anyOf']);
    if (any.length > 0 && !any.some((each) => this.#holds(value, each, place))) {
      found.push(finding(path, 'anyOf', {}, 'must match a schema in anyOf'));
    }
    const one = schemasIn(schema['oneOf']);
    const passing = one.filter((each) => this.#holds(value, each, place)).length;
    if (one.length > 0 && passing !== 1) {
      found.push(finding(path, 'oneOf', { passing }, 'must match exactly one schema in oneOf'));
    }
    if (isSchema(schema['not']) && this.#holds(value, schema['not'], place)) {
      found.push(finding(path, 'not', {}, 'must NOT be valid'));
    }
    if (isSchema(schema['if'])) {
      const branch = schema[this.#holds(value, schema['if'], place) ? 'then' : 'else'];
      if (isSchema(branch)) found.push(...this.#check(value, branch, { ...place, fill: false }));
    }
    return found;
  }

  #holds(value: unknown, schema: Schema, place: Place): boolean {
    return this.#check(value, schema, { ...place, fill: false }).length === 0;
  }
}

/** What concerns the value itself, not what is in it. */
function checkValue(value: unknown, schema: Record<string, unknown>, path: string): Finding[] {
  const found: Finding[] = [];
  const types = [schema['type']].flat().filter((type) => typeof type === 'string');
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    return [finding(path, 'type', { type: schema['type'] }, `must be ${types.join(',')}`)];
  }
  const { enum: choices } = schema;
  if (Array.isArray(choices) && !choices.some((each) => canonical(each) === canonical(value))) {
    found.push(
      finding(path, 'enum', { allowedValues: choices }, 'must be equal to one of the allowed values'),
    );
  }
  if ('const' in schema && canonical(schema['const']) !== canonical(value)) {
    found.push(finding(path, 'const', { allowedValue: schema['const'] }, 'must be equal to constant'));
  }
  if (typeof value === 'string') {
    found.push(...countFindings([...value].length, schema, 'minLength', 'maxLength', 'characters', path));
    const { pattern } = schema;
    if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) {
      found.push(finding(path, 'pattern', { pattern }, `must match pattern "${pattern}"`));
    }
  }
  if (typeof value === 'number') {
    for (const [keyword, sign, holds] of limits) {
      const limit = schema[keyword];
      if (typeof limit === 'number' && !holds(value, limit)) {
        found.push(finding(path, keyword, { comparison: sign, limit }, `must be ${sign} ${limit}`));
      }
    }
    const { multipleOf } = schema;
    if (typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf)) {
      found.push(finding(path, 'multipleOf', { multipleOf }, `must be multiple of ${multipleOf}`));
    }
  }
  return found;
}

const limits: readonly (readonly [string, string, (value: number, limit: number) => boolean])[] = [
  ['minimum', '>=', (value, limit) => value >= limit],
  ['maximum', '<=', (value, limit) => value <= limit],
  ['exclusiveMinimum', '>', (value, limit) => value > limit],
  ['exclusiveMaximum', '<', (value, limit) => value < limit],
];

function countFindings(
  count: number,
  schema: Record<string, unknown>,
  least: string,
  most: string,
  what: string,
  path: string,
): Finding[] {
  const found: Finding[] = [];
  const [low, high] = [schema[least], schema[most]];
  if (typeof low === 'number' && count < low) {
    found.push(finding(path, least, { limit: low }, `must NOT have fewer than ${low} ${what}`));
  }
  if (typeof high === 'number' && count > high) {
    found.push(finding(path, most, { limit: high }, `must NOT have more than ${high} ${what}`));
  }
  return found;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

/** Equal values have equal text, whatever the order of their names. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'undefined';
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

function atPointer(root: Schema, pointer: string): Schema | undefined {
  let found: unknown = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    found = isObject(found) || Array.isArray(found) ? Reflect.get(found, name) : undefined;
  }
  return isSchema(found) ? found : undefined;
}

function finding(
  instancePath: string,
  keyword: string,
  params: Readonly<Record<string, unknown>>,
  message: string,
): Finding {
  return { instancePath, schemaPath: `#/${keyword}`, keyword, params, message };
}
