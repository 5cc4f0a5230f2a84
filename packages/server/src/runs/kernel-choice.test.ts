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
  it('is one of its language when that one is not there', () => {
    expect(chooseKernelspec(installed, { name: 'ir-4.2', language: 'r' })).toBe(r);
    expect(chooseKernelspec(installed, { name: 'py311', language: 'python' })).toBe(pythonSpec);
  });
  it('is the default when nothing fits', () => {
    expect(chooseKernelspec(installed, {})).toBe(pythonSpec);
    expect(chooseKernelspec(installed, { name: 'julia', language: 'julia' })).toBe(pythonSpec);
    expect(chooseKernelspec({ default: null, specs: [r] }, {})).toBe(r);
  });
  it('is never one that cannot start', () => {
    expect(chooseKernelspec(installed, { name: 'old', language: 'python' })).toBe(pythonSpec);
    expect(chooseKernelspec({ default: 'old', specs: [broken] }, { name: 'old' })).toBeNull();
  });
});
