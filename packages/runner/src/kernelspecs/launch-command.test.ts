import { describe, expect, it } from 'vitest';
import { findProgram, launchArguments, programOf, substituteEnv } from './launch-command.ts';

describe('the command line of a kernel', () => {
  it('fills known places in every word, leaves other braces, expands ~', () => {
    const argv = [
      '{prefix}/bin/k',
      '-f',
      '{connection_file}',
      '{resource_dir}/x',
      '{kernel_name}',
      '{"json": {unknown}}',
      '~',
      '~/a',
    ];
    const spec = { argv, folder: '/r', name: 'k', prefix: '/env' };
    expect(launchArguments(spec, { connection_file: '/c.json' }, '/home/ada')).toEqual([
      '/env/bin/k',
      '-f',
      '/c.json',
      '/r/x',
      'k',
      '{"json": {unknown}}',
      '/home/ada',
      '/home/ada/a',
    ]);
    expect(programOf(spec, '/home/ada')).toBe('/env/bin/k');
    expect(programOf({ ...spec, argv: ['~/bin/k'] }, '/home/ada')).toBe('/home/ada/bin/k');
  });

  it('substitutes what the environment has', () => {
    expect(substituteEnv({ A: '${HOME}/a:$HOME', B: '$NOBODY', C: 'plain' }, { HOME: '/h' })).toEqual({
      A: '/h/a:/h',
      B: '$NOBODY',
      C: 'plain',
    });
  });

  it('finds programs as the system would', async () => {
    expect(await findProgram('sh', { PATH: '/nowhere:/bin' })).toBe('/bin/sh');
    expect(await findProgram('/bin/sh', {})).toBe('/bin/sh');
    expect(await findProgram('/bin', {})).toBeNull();
    expect(await findProgram('no-such-program', { PATH: '/bin' })).toBeNull();
    expect(await findProgram('', {})).toBeNull();
  });
});
