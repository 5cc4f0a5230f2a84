import { describe, expect, it } from 'vitest';
import { kernelLanguage } from './kernel-language.ts';

describe('the language of the code', () => {
  it('is the running kernel’s, else what the notebook says, else Python', () => {
    expect(kernelLanguage({ kernelspec: { name: 'ir', language: 'R' } }, 'julia')).toBe('julia');
    expect(kernelLanguage({ language_info: { name: 'R' } }, undefined)).toBe('R');
    expect(kernelLanguage({ kernelspec: { name: 'python3' } }, undefined)).toBe('python');
    expect(kernelLanguage({}, undefined)).toBe('python');
    expect(kernelLanguage({ kernelspec: 3, language_info: { name: 7 } }, undefined)).toBe('python');
  });
});
