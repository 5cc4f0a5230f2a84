import { describe, expect, it } from 'vitest';
import { may, type Role } from './rights.ts';

const roles: readonly Role[] = ['viewer', 'editor', 'owner'];
const who = (action: Parameters<typeof may>[1], historyFor?: Role) =>
  roles.filter((role) => may(role, action, historyFor && { historyFor }));

describe('rights', () => {
  it('history is for those who edit unless the owner decides otherwise', () => {
    expect(who('history.read')).toEqual(['editor', 'owner']);
    expect(who('history.read', 'viewer')).toEqual(['viewer', 'editor', 'owner']);
    expect(who('history.read', 'editor')).toEqual(['editor', 'owner']);
    expect(who('history.read', 'owner')).toEqual(['owner']);
  });

  it('restoring needs both: to edit and to read history', () => {
    expect(who('history.restore', 'viewer')).toEqual(['editor', 'owner']);
    expect(who('history.restore', 'owner')).toEqual(['owner']);
  });

  it('the setting changes nothing else', () => {
    for (const historyFor of roles) {
      expect(who('document.read', historyFor)).toEqual(roles);
      expect(who('document.edit', historyFor)).toEqual(['editor', 'owner']);
      expect(who('project.manage', historyFor)).toEqual(['owner']);
    }
  });
});
