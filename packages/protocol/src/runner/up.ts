/** Runner link, runner → server: answers, numbered events (kept until acknowledged, replayed after a cut), and signals. */
import type { JsonObject } from '@cahier/base/json.ts';
import { z } from 'zod';
import { kernelId, projectId, projectPath, runId, runnerId, terminalName } from '../ids.ts';
import { json, jsonObject } from '../json.ts';
import { fileEntry, gitLog, kernelspecOnWire } from '../project-facts.ts';
import { wireError } from '../wire-error.ts';

export const kernelStatus = z.enum(['starting', 'idle', 'busy', 'restarting', 'dead']);

/** One IOPub message of a run, content as the kernel sent it (messaging 5.x), `transient` included. */
export const outputMessage = z.object({
  type: z.enum(['stream', 'display_data', 'execute_result', 'update_display_data', 'clear_output', 'error']),
  content: jsonObject,
});
export type OutputMessage = z.infer<typeof outputMessage>;

/** Ordered events. Seq counts from 1 per runner; the server acknowledges what is on its disk. */
export const runnerEvent = z.discriminatedUnion('e', [
  /** execute_input (or the first sign of life) of a run. */
  z.object({ e: z.literal('run.started'), kernel: kernelId, run: runId, executionCount: z.int().nullable() }),
  /** Outputs in order; adjacent stream chunks of one name are already joined. */
  z.object({ e: z.literal('run.output'), kernel: kernelId, run: runId, messages: z.array(outputMessage) }),
  z.object({
    e: z.literal('run.input'),
    kernel: kernelId,
    run: runId,
    prompt: z.string(),
    isPassword: z.boolean(),
  }),
  /** Both execute_reply and idle were seen, or the kernel died (`lost`). Comes after the run's last output. */
  z.object({
    e: z.literal('run.finished'),
    kernel: kernelId,
    run: runId,
    status: z.enum(['ok', 'error', 'aborted', 'lost']),
    executionCount: z.int().nullable(),
    payload: z.array(jsonObject).optional(),
  }),
  /** `reason`: a sentence with the last lines of the kernel's stderr when dead. */
  z.object({
    e: z.literal('kernel.status'),
    kernel: kernelId,
    status: kernelStatus,
    reason: z.string().optional(),
    info: jsonObject.optional(),
  }),
]);
export type RunnerEvent = z.infer<typeof runnerEvent>;

/** Results of calls by method; `file.read` and `kernelspecs.resource` also have a payload. */
export const callResults = {
  'kernelspecs.list': z.object({ default: z.string().nullable(), specs: z.array(kernelspecOnWire) }),
  'kernelspecs.resource': z.object({ mime: z.string() }),
  'kernel.start': z.object({}),
  'kernel.interrupt': z.object({}),
  'kernel.restart': z.object({}),
  'kernel.shutdown': z.object({}),
  'kernel.execute': z.object({}),
  'kernel.hold': z.object({}),
  'kernel.input': z.object({}),
  'kernel.request': z.object({ content: jsonObject }),
  'kernel.listen': z.object({}),
  'kernel.send': z.object({}),
  'terminal.start': z.object({ terminal: terminalName }),
  'terminal.list': z.object({
    terminals: z.array(z.object({ name: terminalName, lastActivity: z.number() })),
  }),
  /** `at`: bytes shown in all. */
  'terminal.read': z.object({ at: z.int().nonnegative() }),
  'terminal.watch': z.object({}),
  'terminal.ack': z.object({}),
  'terminal.type': z.object({}),
  'terminal.resize': z.object({}),
  'terminal.end': z.object({}),
  'nbconvert.list': z.object({
    exporters: z.array(z.object({ name: z.string(), mime: z.string() })),
  }),
  'nbconvert.convert': z.object({ mime: z.string(), fileName: z.string() }),
  'file.list': z.object({ entries: z.array(fileEntry) }),
  'file.stat': z.object({ entry: fileEntry.nullable() }),
  'file.read': z.object({ hash: z.string(), modifiedAt: z.number() }),
  'file.write': z.object({ hash: z.string(), modifiedAt: z.number() }),
  'file.mkdir': z.object({}),
  'file.rename': z.object({}),
  'file.remove': z.object({}),
  'git.log': gitLog,
  'git.show': z.object({}),
  'file.watch': z.object({}),
} as const;
export type CallResults = { [M in keyof typeof callResults]: z.infer<(typeof callResults)[M]> };

/** Unnumbered, latest wins, never waiting behind output. */
export const runnerSignal = z.discriminatedUnion('s', [
  z.object({
    s: z.literal('kernel.status'),
    kernel: kernelId,
    status: kernelStatus,
    reason: z.string().optional(),
  }),
  /** The shell is gone; everything that it showed was sent before. */
  z.object({
    s: z.literal('terminal.ended'),
    terminal: terminalName,
    code: z.int().nullable(),
    signal: z.int().nullable(),
  }),
  /** Watched files whose content may have changed (null hash: gone), and folders whose listing changed. */
  z.object({
    s: z.literal('files.changed'),
    files: z.array(z.object({ path: projectPath, hash: z.string().nullable() })),
    folders: z.array(projectPath),
  }),
]);
export type RunnerSignal = z.infer<typeof runnerSignal>;

export const runnerUp = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('hello'),
    protocol: z.int(),
    project: projectId,
    runner: runnerId,
    token: z.string().max(256),
    pid: z.int(),
    lastSeq: z.int().nonnegative(),
    kernels: z.array(z.object({ kernel: kernelId, status: kernelStatus, activeRun: runId.nullable() })),
  }),
  z.object({ t: z.literal('event'), seq: z.int().positive(), event: runnerEvent }),
  z.object({ t: z.literal('signal'), signal: runnerSignal }),
  /** What a kernel said, as it is, while somebody listens. Payload: as with `kernel.send`. Never repeated. */
  z.object({
    t: z.literal('message'),
    kernel: kernelId,
    channel: z.enum(['shell', 'control', 'stdin', 'iopub']),
    parts: z.array(z.int().nonnegative()),
  }),
  /** What a terminal shows, while it is watched. Payload: bytes, whole characters of UTF-8; `at`: bytes shown before. */
  z.object({ t: z.literal('terminal'), terminal: terminalName, at: z.int().nonnegative() }),
  z.object({
    t: z.literal('reply'),
    re: z.int().nonnegative(),
    result: json.optional(),
    error: wireError.optional(),
  }),
]);
export type RunnerUp = z.infer<typeof runnerUp>;

/** A kernel_info_reply's content. */
export type KernelInfo = JsonObject;
