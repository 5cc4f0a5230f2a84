/** Runner link, runner → server: answers, numbered events (kept until acknowledged, replayed after a cut), and signals. */
import type { JsonObject } from '@cahier/base/json.ts';
import { z } from 'zod';
import { kernelId, projectId, projectPath, runId, runnerId } from '../ids.ts';
import { json, jsonObject } from '../json.ts';
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

export const fileEntry = z.object({
  name: z.string(),
  path: projectPath,
  type: z.enum(['file', 'directory', 'other']),
  size: z.number(),
  modifiedAt: z.number(),
  isWritable: z.boolean(),
});
export type FileEntry = z.infer<typeof fileEntry>;

export const kernelspecOnWire = z.object({
  name: z.string(),
  displayName: z.string(),
  language: z.string(),
  interruptMode: z.enum(['signal', 'message']),
  metadata: jsonObject,
  resources: z.array(z.string()),
  /** As kernel.json has them; for Jupyter's clients, which show them. */
  argv: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  /** Why this kernel cannot start (its program does not exist…), when known. */
  problem: z.string().optional(),
});
export type KernelspecOnWire = z.infer<typeof kernelspecOnWire>;

/** Results of calls by method; `file.read` and `kernelspecs.resource` also have a payload. */
export const callResults = {
  'kernelspecs.list': z.object({ default: z.string().nullable(), specs: z.array(kernelspecOnWire) }),
  'kernelspecs.resource': z.object({ mime: z.string() }),
  'kernel.start': z.object({}),
  'kernel.interrupt': z.object({}),
  'kernel.restart': z.object({}),
  'kernel.shutdown': z.object({}),
  'kernel.execute': z.object({}),
  'kernel.input': z.object({}),
  'kernel.request': z.object({ content: jsonObject }),
  'kernel.listen': z.object({}),
  'kernel.send': z.object({}),
  'file.list': z.object({ entries: z.array(fileEntry) }),
  'file.stat': z.object({ entry: fileEntry.nullable() }),
  'file.read': z.object({ hash: z.string(), modifiedAt: z.number() }),
  'file.write': z.object({ hash: z.string(), modifiedAt: z.number() }),
  'file.mkdir': z.object({}),
  'file.rename': z.object({}),
  'file.remove': z.object({}),
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
