import { describe, expect, it } from 'vitest';
import { kernelEnvironment } from './environment.ts';

describe('what kernels see of the environment', () => {
  it('is the usual and the asked for, never what looks like a secret', () => {
    const env = {
      PATH: '/bin',
      LC_ALL: 'C',
      CONDA_PREFIX: '/c',
      CAHIER_TOKEN: 's',
      JUPYTER_TOKEN: 's',
      PIP_PASSWORD: 's',
      AWS_SECRET_ACCESS_KEY: 's',
      DATABASE_URL: 's',
      NODE_OPTIONS: '--x',
      MY_KEY: 'wanted',
      EMPTY: undefined,
    };
    expect(kernelEnvironment(env, ['MY_KEY', 'EMPTY'])).toEqual({
      PATH: '/bin',
      LC_ALL: 'C',
      CONDA_PREFIX: '/c',
      MY_KEY: 'wanted',
    });
  });
});
