/**
 * OpenAPI 3.1 of a table of routes, from the very schemas that parse their input: it cannot say anything else than what
 * the server takes. Pure.
 */
import { z } from 'zod';
import type { Route } from './route.ts';

const shape = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});
type Shape = z.output<typeof shape>;

interface About {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

export function openApi(routes: readonly Route[], about: About): object {
  const paths = new Map<string, Record<string, object>>();
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}');
    paths.set(path, { ...paths.get(path), [route.method.toLowerCase()]: operation(route) });
  }
  return {
    openapi: '3.1.0',
    info: about,
    security: [{ token: [] }, { cookie: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'token T, or Bearer T. Where nothing is changed, ?token=T, too.',
        },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'cahier',
          description: 'What changes something also repeats the cookie _xsrf in the header X-XSRFToken.',
        },
      },
    },
  };
}

function operation({ method, path, access, input }: Route): object {
  const parts = partOf(schemaOf(input)).properties ?? {};
  const query = partOf(parts['query']);
  const params = partOf(parts['params']).properties ?? {};
  const body = parts['body'];
  const named = [...path.matchAll(/:(\w+)|(\*)/g)].map(([, name, star]) => name ?? star ?? '');
  return {
    operationId: `${method.toLowerCase()} ${path}`,
    'x-right': access,
    ...(access === 'open' ? { security: [] } : {}),
    parameters: [
      ...named.map((name) => ({
        name: name === '*' ? 'path' : name,
        in: 'path',
        required: true,
        schema: params[name] ?? { type: 'string' },
      })),
      ...Object.entries(query.properties ?? {}).map(([name, schema]) => ({
        name,
        in: 'query',
        required: query.required?.includes(name) ?? false,
        schema,
      })),
    ],
    ...(body === undefined ? {} : { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: {
      '2XX': { description: 'It was done.' },
      '4XX': { description: 'It was refused: {"message", "reason"} says why.' },
    },
  };
}

/** What is sent, before it is changed by parsing; what JSON Schema has no word for is anything. */
function schemaOf(input: z.ZodType): unknown {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  return schema;
}

function partOf(schema: unknown): Shape {
  return shape.safeParse(schema).data ?? {};
}
