import { asRunId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import type { JupyterMessage } from '@cahier/core/jupyter/message.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { describe, expect, it } from 'vitest';
import { RunTracker } from './run-tracker.ts';

function header(type: string, id = 'any') {
  return { msg_id: id, msg_type: type, session: 's', username: 'k', date: '', version: '' };
}

/** A run, and a kernel that says what it is told to. */
function scene() {
  const clock = new FakeClock();
  const told: string[] = [];
  const tracker = new RunTracker(clock, {
    onStarted: (run, count) => told.push(`${run} started ${count}`),
    onOutput: (run, { type }) => told.push(`${run} ${type}`),
    onInput: (run, prompt, isPassword) => told.push(`${run} asks ${prompt}${isPassword ? ' secretly' : ''}`),
    onFinished: (run, status, count) => told.push(`${run} ${status} ${count}`),
  });
  const message = (parent: string, type: string, content: JsonObject): JupyterMessage => ({
    header: header(type, `${type}-id`),
    parent: header('execute_request', parent),
    metadata: {},
    content,
    buffers: [],
  });
  tracker.add(asRunId('r'), 'request');
  return {
    clock,
    told,
    tracker,
    iopub: (type: string, content: JsonObject = {}, hasTopic = true, parent = 'request') =>
      tracker.onIopub(message(parent, type, content), hasTopic),
    status: (execution_state: string, hasTopic = true) =>
      tracker.onIopub(message('request', 'status', { execution_state }), hasTopic),
    reply: (content: JsonObject) => tracker.onReply(message('request', 'execute_reply', content)),
    ask: (content: JsonObject) => tracker.onInputRequest(message('request', 'input_request', content)),
  };
}

describe('when a run is over', () => {
  it('with reply and idle, in this order', () => {
    const { told, iopub, status, reply } = scene();
    status('busy');
    iopub('execute_input', { execution_count: 4 });
    iopub('stream', { name: 'stdout', text: 'x' });
    reply({ status: 'ok', execution_count: 4 });
    expect(told.at(-1)).toBe('r stream');
    status('idle');
    expect(told).toEqual(['r started 4', 'r stream', 'r ok 4']);
  });

  it('with idle and reply, in that order', () => {
    const { told, iopub, status, reply } = scene();
    iopub('execute_input', { execution_count: 4 });
    status('idle');
    expect(told).toEqual(['r started 4']);
    reply({ status: 'error', execution_count: 4 });
    expect(told.at(-1)).toBe('r error 4');
  });

  it('not while outputs are still read, even when the reply came long ago', async () => {
    const { clock, told, iopub, reply, status } = scene();
    iopub('execute_input', { execution_count: 1 });
    reply({ status: 'ok', execution_count: 1 });
    for (let i = 0; i < 20; i++) {
      clock.advance(450);
      iopub('stream', { name: 'stdout', text: 'x' });
    }
    expect(told).not.toContain('r ok 1');
    status('idle');
    expect(told.at(-1)).toBe('r ok 1');
  });

  it('after a second of silence when the kernel never says idle', () => {
    const { clock, told, iopub, reply } = scene();
    iopub('execute_input', { execution_count: 1 });
    reply({ status: 'ok', execution_count: 1 });
    clock.advance(999);
    expect(told).toEqual(['r started 1']);
    clock.advance(501);
    expect(told.at(-1)).toBe('r ok 1');
  });

  it('10 s after idle when the kernel never replies; an error output decides', () => {
    const { clock, told, iopub, status } = scene();
    iopub('execute_input', { execution_count: 1 });
    iopub('error', {});
    status('idle');
    clock.advance(9_999);
    expect(told).not.toContain('r error 1');
    clock.advance(1);
    expect(told.at(-1)).toBe('r error 1');
  });

  it('once', () => {
    const { clock, told, status, reply } = scene();
    reply({ status: 'ok' });
    status('idle');
    reply({ status: 'error' });
    status('idle');
    clock.advance(60_000);
    expect(told).toEqual(['r started null', 'r ok null']);
  });
});

describe('kernels that deviate', () => {
  it('Deno: bare topics and the result after idle', () => {
    const { clock, told, iopub, status, reply } = scene();
    status('busy', false);
    iopub('execute_input', { execution_count: 1 }, false);
    reply({ status: 'ok', execution_count: 1 });
    status('idle', false);
    iopub('execute_result', {}, false);
    clock.advance(50);
    expect(told).toEqual(['r started 1', 'r execute_result', 'r ok 1']);
  });

  it('a kernel with topics caught sending its result late is waited for the next time', () => {
    const { clock, told, tracker, iopub, status, reply } = scene();
    status('busy');
    reply({ status: 'ok', execution_count: 1 });
    status('idle');
    iopub('execute_result');
    expect(told).toEqual(['r started null', 'r ok 1', 'r execute_result']);
    tracker.add(asRunId('q'), 'request');
    reply({ status: 'ok', execution_count: 2 });
    status('idle');
    expect(told).not.toContain('q ok 2');
    iopub('execute_result');
    clock.advance(50);
    expect(told.slice(-3)).toEqual(['q started null', 'q execute_result', 'q ok 2']);
  });

  it('IRkernel: an interrupted reply says abort', () => {
    const { told, status, reply } = scene();
    reply({ status: 'abort' });
    status('idle');
    expect(told.at(-1)).toBe('r aborted null');
  });

  it('tslab: no execute_input; the run has started shortly after busy', () => {
    const { clock, told, iopub, status } = scene();
    status('busy');
    expect(told).toEqual([]);
    clock.advance(50);
    expect(told).toEqual(['r started null']);
    iopub('stream', { name: 'stdout', text: '1' });
    expect(told).toEqual(['r started null', 'r stream']);
  });

  it('xeus-python: password prompts under another name', () => {
    const { told, ask } = scene();
    ask({ prompt: 'word', pwd: true });
    expect(told).toEqual(['r started null', 'r asks word secretly']);
  });
});

describe('what else happens to runs', () => {
  it('an input request is answered once and forgotten at the end', () => {
    const { tracker, ask, reply, status } = scene();
    ask({ prompt: 'a' });
    expect(tracker.takeInput(asRunId('r'))?.msg_id).toBe('input_request-id');
    expect(tracker.takeInput(asRunId('r'))).toBeNull();
    ask({ prompt: 'b' });
    reply({ status: 'ok' });
    status('idle');
    expect(tracker.takeInput(asRunId('r'))).toBeNull();
  });

  it('messages of other parents are nobody’s', () => {
    const { told, iopub } = scene();
    iopub('stream', { name: 'stdout', text: 'x' }, true, 'another');
    expect(told).toEqual([]);
  });

  it('when the kernel is gone, what it was sent is lost, what was answered is as answered', () => {
    const begun = scene();
    begun.iopub('execute_input', { execution_count: 1 });
    begun.tracker.endAll();
    expect(begun.told.at(-1)).toBe('r lost 1');
    const fresh = scene();
    fresh.tracker.endAll();
    expect(fresh.told).toEqual(['r lost null']);
    const answered = scene();
    answered.reply({ status: 'ok', execution_count: 1 });
    answered.tracker.endAll();
    expect(answered.told.at(-1)).toBe('r ok 1');
    expect(answered.tracker.active).toBeNull();
  });
});
