import { describe, expect, it } from 'vitest';
import { findProgram, launchArguments, substituteEnv } from './launch-command.ts';

describe('the command line of a kernel', () => {
  it('fills known places, leaves other braces, expands ~', () => {
    const argv = ['~/bin/k', '-f', '{connection_file}', '{resource_dir}/x', '{"json": {unknown}}', '~'];
    expect(
      launchArguments({ argv }, { connection_file: '/c.json', resource_dir: '/r' }, '/home/ada'),
    ).toEqual(['/home/ada/bin/k', '-f', '/c.json', '/r/x', '{"json": {unknown}}', '/home/ada']);
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
