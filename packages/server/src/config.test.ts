import { describe, expect, it } from 'vitest';
import { configSchema, helpText, readConfig } from './config.ts';

const read = (argv: string[], env: Record<string, string> = {}) => {
  const reading = readConfig(argv, env, '/home/me');
  if ('help' in reading) throw new Error('help was not asked for');
  return reading.config;
};

describe('configuration', () => {
  it('needs nothing', () => {
    expect(read([])).toEqual({
      port: 8400,
      host: '127.0.0.1',
      data: '/home/me/data',
      open: false,
      allowHost: [],
      allowOrigin: [],
      logLevel: 'info',
      prepare: true,
    });
  });

  it('takes flags in both forms, and a folder anywhere among them', () => {
    const config = read(['--port', '9000', 'work', '--data=/srv/cahier', '--host', '0.0.0.0', '--open']);
    expect(config).toMatchObject({
      port: 9000,
      folder: '/home/me/work',
      data: '/srv/cahier',
      host: '0.0.0.0',
      open: true,
    });
  });

  it('prefers flags to the environment', () => {
    expect(read(['--port', '1'], { CAHIER_PORT: '2', CAHIER_HOST: 'h' })).toMatchObject({
      port: 1,
      host: 'h',
    });
  });

  it('takes the token from the environment alone', () => {
    expect(read([], { CAHIER_TOKEN: 'long-enough' }).token).toBe('long-enough');
    expect(() => read(['--token', 'long-enough'])).toThrow('There is no option “--token”');
  });

  it('collects a repeated option', () => {
    expect(read(['--allow-host', 'a.lan', '--allow-host', 'b.lan']).allowHost).toEqual(['a.lan', 'b.lan']);
    expect(read([], { CAHIER_ALLOW_HOST: 'a.lan,b.lan' }).allowHost).toEqual(['a.lan', 'b.lan']);
  });

  it.each([
    [['--prot', '1'], 'There is no option “--prot”'],
    [['-p', '1'], 'There is no option “-p”'],
    [['--port'], '--port needs a value (N)'],
    [['--port', '--open'], '--port needs a value (N)'],
    [['--port', 'eight'], '--port is not right'],
    [['--port', '65536'], '--port is not right'],
    [['--port', '1.5'], '--port is not right'],
    [['--open=yes'], '--open takes no value'],
    [['a', 'b'], 'Only one folder can be given, not also “b”'],
    [['--public-url', 'ftp://x'], '--public-url is not right'],
  ])('refuses %j with a sentence', (argv, sentence) => {
    expect(() => read(argv)).toThrow(sentence);
  });

  it('names the variable that is not right', () => {
    expect(() => read([], { CAHIER_TOKEN: 'short' })).toThrow('CAHIER_TOKEN is not right');
  });

  it('explains every field in the help', () => {
    const reading = readConfig(['work', '--help'], {}, '/');
    expect(reading).toEqual({ help: helpText() });
    for (const [name, schema] of Object.entries(configSchema.shape)) {
      expect(schema.description, name).toBeTruthy();
      expect(helpText()).toContain(schema.description);
    }
  });
});
