import { describe, expect, it } from 'vitest';
import { initials } from './initials.ts';

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['  marie  skłodowska curie ', 'MC'],
    ['Émile', 'É'],
    ['李 明', '李明'],
    ['𝒳enia', '𝒳'],
    ['', '?'],
  ])('%j → %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});
