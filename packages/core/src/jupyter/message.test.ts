import { describe, expect, it } from 'vitest';
import { executeReply, inputRequest, isOutputType, kernelInfoReply, readParent } from './message.ts';

describe('contents as kernels send them', () => {
  it('reads abort as aborted and no status as unknown', () => {
    expect(executeReply.parse({ status: 'abort' }).status).toBe('aborted');
    expect(executeReply.parse({ status: 'aborted', execution_count: 3 })).toMatchObject({
      status: 'aborted',
      execution_count: 3,
    });
    expect(executeReply.parse({}).status).toBe('unknown');
    expect(executeReply.parse({ status: 7, execution_count: 'x', payload: 'y' })).toEqual({
      status: 'unknown',
      execution_count: null,
      payload: [],
    });
  });

  it('keeps the payloads that are objects', () => {
    const payload = [{ source: 'page' }, null, 3, { source: 'set_next_input' }];
    expect(executeReply.parse({ status: 'ok', payload }).payload).toEqual([payload[0], payload[3]]);
  });

  it('knows both names of a password prompt', () => {
    expect(inputRequest.parse({ prompt: '> ', password: true })).toEqual({ prompt: '> ', isPassword: true });
    expect(inputRequest.parse({ prompt: '> ', pwd: true })).toEqual({ prompt: '> ', isPassword: true });
    expect(inputRequest.parse({})).toEqual({ prompt: '', isPassword: false });
  });

  it('takes a kernel_info_reply without anything', () => {
    expect(kernelInfoReply.parse({})).toEqual({
      implementation: '',
      language_info: {},
      supported_features: [],
    });
  });

  it('knows which messages are outputs', () => {
    expect(isOutputType('clear_output')).toBe(true);
    expect(isOutputType('status')).toBe(false);
    expect(isOutputType('toString')).toBe(false);
  });

  it('needs of a parent only its id', () => {
    expect(readParent({})).toBeNull();
    expect(readParent({ msg_id: 'x' })).toMatchObject({ msg_id: 'x' });
  });
});
