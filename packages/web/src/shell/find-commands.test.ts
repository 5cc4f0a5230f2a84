import { describe, expect, it } from 'vitest';
import { findCommands, fuzzyScore } from './find-commands.ts';

const all = [
  { id: 'a', title: 'Run all cells', group: 'Run' },
  { id: 'b', title: 'Restart the kernel', group: 'Kernel' },
  { id: 'c', title: 'Restart the kernel and run all cells', group: 'Kernel' },
  { id: 'd', title: 'Insert a cell above', group: 'Cells' },
];
const ids = (typed: string, recent: string[] = []) =>
  findCommands(all, typed, recent).map((command) => command.id);

describe('findCommands', () => {
  it('takes letters in order, word beginnings and runs first, short titles before long ones', () => {
    expect(ids('ra')[0]).toBe('a');
    expect(ids('rest')).toEqual(['b', 'c']);
    expect(ids('run all')[0]).toBe('a');
    expect(ids('icab')).toEqual(['d']);
    expect(ids('xyz')).toEqual([]);
  });

  it('finds a whole group', () => {
    expect(new Set(ids('kernel'))).toEqual(new Set(['b', 'c']));
    expect(ids('cells ins')).toEqual(['d']);
  });

  it('shows recent ones first when nothing is typed', () => {
    expect(ids('', ['d', 'b'])).toEqual(['d', 'b', 'a', 'c']);
  });

  it('knows no score for letters in another order', () => {
    expect(fuzzyScore('abc', 'cb')).toBeNull();
  });
});
