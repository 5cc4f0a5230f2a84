import { pythonSpec } from '@cahier/testkit/fake-runner.ts';
import { describe, expect, it } from 'vitest';
import { chooseKernelspec } from './kernel-choice.ts';

const r = { ...pythonSpec, name: 'ir', displayName: 'R', language: 'R' };
const other = { ...pythonSpec, name: 'conda', displayName: 'Conda' };
const broken = { ...pythonSpec, name: 'old', problem: 'Its program does not exist.' };
const installed = { default: 'python3', specs: [other, pythonSpec, r, broken] };

describe('which kernelspec a notebook runs with', () => {
  it('is the one it names', () => {
    expect(chooseKernelspec(installed, { name: 'conda', language: 'python' })).toBe(other);
  });
  it('is the one it names in any case, and python is python3', () => {
    expect(chooseKernelspec(installed, { name: 'IR' })).toBe(r);
    expect(chooseKernelspec({ default: 'ir', specs: [r, pythonSpec] }, { name: 'Python' })).toBe(pythonSpec);
  });
  it('is one of its language when that one is not there', () => {
    expect(chooseKernelspec(installed, { name: 'ir-4.2', language: 'r' })).toBe(r);
    expect(chooseKernelspec(installed, { name: 'py311', language: 'python' })).toBe(pythonSpec);
  });
  it('is for the person to say when its language is not there', () => {
    expect(chooseKernelspec(installed, { name: 'julia', language: 'julia' })).toBeNull();
  });
  it('is of the same language under its other names', () => {
    for (const language of ['Python', 'ipython', 'python3', 'ipython2'])
      expect(chooseKernelspec(installed, { name: 'gone', language })).toBe(pythonSpec);
  });
  it('is the default when no language is named', () => {
    expect(chooseKernelspec(installed, {})).toBe(pythonSpec);
    expect(chooseKernelspec(installed, { name: 'gone' })).toBe(pythonSpec);
    expect(chooseKernelspec(installed, { name: 'gone', language: '' })).toBe(pythonSpec);
    expect(chooseKernelspec({ default: null, specs: [r] }, {})).toBe(r);
  });
  it('is never one that cannot start', () => {
    expect(chooseKernelspec(installed, { name: 'old', language: 'python' })).toBe(pythonSpec);
    expect(chooseKernelspec({ default: 'old', specs: [broken] }, { name: 'old' })).toBeNull();
  });
});
