import { describe, expect, it } from 'vitest';
import { newToken } from '@cahier/protocol/http/tokens.ts';
import { programs, recipesFor, scopesInWords } from './programs.ts';

const made = { address: 'http://localhost:8400/p/p1', token: 'cahier_secret' };

describe('programs to connect', () => {
  it.each(programs)('$name: its wish is one that the server takes', ({ kind, scopes, tokenName }) => {
    expect(newToken.safeParse({ name: tokenName, kind, scopes }).success).toBe(true);
  });

  it.each(programs)('$name: all of its lines together say where, and with what', ({ id, kind }) => {
    const address = kind === 'address' ? `http://localhost:8400/k/p1.${made.token}` : made.address;
    const lines = recipesFor(id, { ...made, address }).map(({ text }) => text);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).toContain(address);
    expect(lines.join('\n')).toContain(made.token);
  });

  it('puts a secret on no command line that others on the machine can see', () => {
    for (const { text } of recipesFor('jupyterlab', made)) {
      expect(text.slice(text.indexOf('jupyter lab'))).not.toContain(made.token);
    }
  });

  it('names what a token may do', () => {
    expect(scopesInWords(['edit'])).toBe('look, change files');
    expect(scopesInWords(['run', 'edit', 'read'])).toBe('look, run code, change files');
  });
});
