import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseName, joinPath, normaliseProjectPath, parentPath } from './project-path.ts';

describe('paths inside a project', () => {
  it.each([
    ['', ''],
    ['.', ''],
    ['a//b/./c/', 'a/b/c'],
    ['%2e%2e/x', '%2e%2e/x'],
    ['..a/b..', '..a/b..'],
    ['über/Ünï 1.ipynb', 'über/Ünï 1.ipynb'],
  ])('%j is %j', (path, normal) => expect(normaliseProjectPath(path)).toBe(normal));

  it.each([
    '/etc/passwd',
    '..',
    'a/../../b',
    'a/..',
    '..\\windows',
    'a\0b',
    'x'.repeat(256),
    'é'.repeat(128),
    'long/'.repeat(1_000),
  ])('%j is refused', (path) =>
    expect(() => normaliseProjectPath(path)).toThrow(expect.objectContaining({ code: 'file/outside' })),
  );

  it('never leave the project, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', '', 'a', '%2e', 'b\\', ' ')).map((parts) => parts.join('/')),
        (path) => {
          let normal: string;
          try {
            normal = normaliseProjectPath(path);
          } catch {
            return;
          }
          expect(normal.startsWith('/')).toBe(false);
          expect(normal.split('/')).not.toContain('..');
          expect(normaliseProjectPath(normal)).toBe(normal);
          if (normal !== '') expect(joinPath(parentPath(normal), baseName(normal))).toBe(normal);
        },
      ),
    );
  });
});
