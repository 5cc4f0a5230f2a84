import { asDocumentId, asKernelId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import { documentOfKernel, notebookKernelId, programKernelId, specOfProgramKernel } from './kernel-id.ts';

/** As Jupyter's server has it in its routes. */
const routed = /^\w+-\w+-\w+-\w+-\w+$/;

describe('the id of a kernel', () => {
  it('names its notebook', () => {
    const id = notebookKernelId(asDocumentId('a6ytzv4z4k4r'), '9da5f1');
    expect(id).toMatch(routed);
    expect(documentOfKernel(id)).toBe('a6ytzv4z4k4r');
    expect(specOfProgramKernel(id)).toBeNull();
  });

  it.each(['python3', 'ir', 'conda-env-my_env-py', 'python3.11'])('names the kernelspec %s', (name) => {
    const id = programKernelId(name, '9da5f1096c086f80');
    expect(id).toMatch(routed);
    expect(specOfProgramKernel(id)).toBe(name);
    expect(documentOfKernel(id)).toBeNull();
  });

  it('of another program says nothing', () => {
    expect(documentOfKernel(asKernelId('d9428888-122b-11e1-b85c-61cd3cbb3210'))).toBeNull();
    expect(specOfProgramKernel(asKernelId('d9428888-122b-11e1-b85c-61cd3cbb3210'))).toBeNull();
  });
});
