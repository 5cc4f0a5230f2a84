/** Nobody changes the wire without noticing: the schemas' hash is kept beside the version that it belongs to. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { down } from './client/down.ts';
import { up } from './client/up.ts';
import { runnerDown } from './runner/down.ts';
import { callResults, runnerUp } from './runner/up.ts';
import { protocolVersion } from './version.ts';

function schemaHash(): string {
  const schemas = [up, down, runnerUp, runnerDown, ...Object.values(callResults)];
  const text = schemas
    .map((schema) => JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })))
    .join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** While no version was released, a change of the wire replaces the hash of version 1; after that it makes version 2. */
const known: Record<number, string> = {
  1: 'b9df3bbbafaf3202',
};

describe('protocol version', () => {
  it('belongs to these schemas: raise it (and note the hash) when a frame changes', () => {
    expect(schemaHash()).toBe(known[protocolVersion]);
  });
});
