/** Whatever is sent to whatever route is there: a clear refusal or an answer, never a fault, and the server goes on. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wireError } from '@cahier/protocol/wire-error.ts';
import { type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Route } from './route.ts';

const oddTexts = [
  '../x',
  '..',
  '/etc/passwd',
  'a\0b',
  'a\\..\\b',
  '%2e%2e/x',
  'a/../../x',
  './/./a',
  'x'.repeat(300),
  'x/'.repeat(3_000),
  '\ud800',
  '__proto__',
  '.hidden/x',
  '',
];
const anything = fc.oneof(
  fc.constantFrom<unknown[]>(null, 0, -1, 1.5, 1e300, true, '', [], {}, [[]], { a: null }),
  fc.constantFrom(...oddTexts),
  fc.jsonValue({ maxDepth: 2 }),
);

const schemaPart = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  type: z.string().optional(),
});

/** Values that are nearly what a schema asks for: each part of them may be something else. */
function near(schema: unknown): fc.Arbitrary<unknown> {
  const part = schemaPart.safeParse(schema).data ?? {};
  const right = ((): fc.Arbitrary<unknown> => {
    if (part.properties) {
      const values = Object.entries(part.properties).map(([key, value]) => [key, near(value)] as const);
      return fc.record(Object.fromEntries(values), { requiredKeys: [] });
    }
    if (part.anyOf) return fc.oneof(...part.anyOf.map(near));
    if (part.enum) return fc.constantFrom(...part.enum);
    if (part.const !== undefined) return fc.constant(part.const);
    if (part.items !== undefined) return fc.array(near(part.items), { maxLength: 3 });
    if (part.type === 'string') return fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...oddTexts));
    if (part.type === 'integer') return fc.integer();
    if (part.type === 'boolean') return fc.boolean();
    return anything;
  })();
  return fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: anything });
}

const jupyterError = z.strictObject({ message: z.string().min(1), reason: z.string().nullable() });
const noKernelspec = z.strictObject({ message: z.string(), short_message: z.string() });

let sample: SampleApp;
beforeAll(async () => {
  sample = await sampleApp();
  sample.runner.files.set('a.txt', new TextEncoder().encode('a'));
  for (const page of ['index.html', 'output-frame.html']) await writeFile(join(sample.web, page), 'page');
});
afterAll(() => sample.close());

const urlOf = ({ path }: Route, filled: string, query = '') =>
  path.replace(':project', sample.project.id).replace(/:\w+|\*/g, filled) + query;

async function ask(route: Route, url: string, payload?: string) {
  // wrong passwords are many here, and are braked
  sample.clock.advance(60_000);
  return sample.app.inject({
    method: route.method,
    url,
    headers: {
      host: 'localhost:8400',
      authorization: `token ${sample.token}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(payload === undefined ? {} : { payload }),
  });
}

function expectRefusal(route: Route, status: number, body: string): void {
  // a page for people says it in its own way
  if (body.startsWith('<!doctype html>') && route.path.endsWith('/login')) return;
  const said: unknown = JSON.parse(body);
  if (status === 501) noKernelspec.parse(said);
  else if (route.dialect) jupyterError.parse(said);
  else wireError.parse(said);
}

const listed = await sampleApp().then(async ({ routes, close }) => {
  await close();
  return routes;
});
const named = (route: Route) => ({ name: `${route.method} ${route.path}`, route });
/** Bytes are anything. */
const withBody = listed.filter(({ method, maxBytes, dialect }) => method !== 'GET' && (!maxBytes || dialect));
const isFault = (status: number) => status >= 500 && status !== 501;

describe.each(withBody.map(named))('any body to $name', { timeout: 60_000 }, ({ route }) => {
  it('is answered, and refused with 400 when it is not what the route takes', async () => {
    const schema = z.toJSONSchema(route.input, { io: 'input', unrepresentable: 'any' });
    const body = schemaPart.safeParse(schema).data?.properties?.['body'];
    await fc.assert(
      fc.asyncProperty(near(body), async (value) => {
        const payload = JSON.stringify(value) ?? 'null';
        const answer = await ask(route, urlOf(route, 'a.txt'), payload);
        const { statusCode: status } = answer;
        expect([payload, isFault(status), answer.body]).toEqual([payload, false, answer.body]);
        if (status >= 400) expectRefusal(route, status, answer.body);
        const params = { project: sample.project.id, '*': 'a.txt' };
        const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => [name, 'a.txt']);
        const input = {
          params: { ...Object.fromEntries(names), ...params },
          query: {},
          body: JSON.parse(payload),
        };
        if (!route.input.safeParse(input).success) expect([payload, status]).toEqual([payload, 400]);
      }),
      { numRuns: 20 },
    );
    const after = await sample.app.inject({
      url: `/p/${sample.project.id}/api/status`,
      headers: { host: 'localhost:8400', authorization: `token ${sample.token}` },
    });
    expect(after.statusCode).toBe(200);
  });

  it('that is no JSON is refused', async () => {
    for (const payload of ['{', '{"a":', 'undefined', '\u0000', '{"a":1}x']) {
      const answer = await ask(route, urlOf(route, 'a.txt'), payload);
      expect([payload, answer.statusCode]).toEqual([payload, 400]);
      expectRefusal(route, 400, answer.body);
    }
  });
});

describe.each(listed.filter(({ path }) => /:(?!project)|\*/.test(path)).map(named))(
  'odd names in $name',
  { timeout: 60_000 },
  ({ route }) => {
    it('are answered without a fault and show nothing that is not of the project', async () => {
      for (const text of oddTexts) {
        const filled = encodeURIComponent(text.toWellFormed());
        for (const url of [
          urlOf(route, filled),
          urlOf(route, filled, '?type=%00&content=7&seq=x&path=..%2f..'),
        ]) {
          const answer = await ask(route, url, route.method === 'GET' ? undefined : '{}');
          expect([url.slice(0, 200), isFault(answer.statusCode)]).toEqual([url.slice(0, 200), false]);
        }
      }
      for (const raw of ['%', '%zz', '%c0%ae%c0%ae/x', '..%00', '%2e%2e%2f%2e%2e%2fetc%2fpasswd']) {
        const { statusCode } = await ask(route, urlOf(route, raw), route.method === 'GET' ? undefined : '{}');
        expect([raw, isFault(statusCode)]).toEqual([raw, false]);
      }
    });
  },
);
