import { describe, expect, it } from 'vitest';
import type { Action } from './rights.ts';
import { scopesAllow, type TokenScope } from './scopes.ts';

const allowed = (scopes: TokenScope[], actions: Action[]) =>
  actions.filter((action) => scopesAllow(scopes, action));

describe('scopes of a token', () => {
  const some: Action[] = ['document.read', 'document.edit', 'run', 'kernel.control', 'file.write'];

  it('add up, and looking is part of each', () => {
    expect(allowed(['read'], some)).toEqual(['document.read']);
    expect(allowed(['run'], some)).toEqual(['document.read', 'run', 'kernel.control']);
    expect(allowed(['edit'], some)).toEqual(['document.read', 'document.edit', 'file.write']);
    expect(allowed(['run', 'edit'], some)).toEqual(some);
    expect(allowed([], some)).toEqual([]);
  });

  it('never manage people or the project, nor read history', () => {
    const never: Action[] = ['project.manage', 'people.invite', 'history.read', 'history.restore'];
    expect(allowed(['read', 'run', 'edit'], never)).toEqual([]);
  });
});
