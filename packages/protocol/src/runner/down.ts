/**
 * Runner link, server → runner. The runner dials the server's Unix socket (or TCP address) at `/runner-link`; frames as in
 * frame.ts. Calls are answered by `reply`; everything else the runner tells comes as numbered events (up.ts).
 */
import { z } from 'zod';
import { kernelId, projectPath, runId } from '../ids.ts';
import { jsonObject } from '../json.ts';

export const runnerCall = z.discriminatedUnion('method', [
  z.object({ method: z.literal('kernelspecs.list') }),
  z.object({ method: z.literal('kernelspecs.resource'), name: z.string(), file: z.string().max(256) }),
  /** `cwd` inside the project (the notebook's folder). `notebook`: its path, for JPY_SESSION_NAME. Idempotent per kernel id. */
  z.object({
    method: z.literal('kernel.start'),
    kernel: kernelId,
    spec: z.string(),
    cwd: projectPath,
    notebook: projectPath,
  }),
  z.object({ method: z.literal('kernel.interrupt'), kernel: kernelId }),
  z.object({ method: z.literal('kernel.restart'), kernel: kernelId }),
  z.object({ method: z.literal('kernel.shutdown'), kernel: kernelId }),
  /** Journalled by run id: a repeated call with a known run id never runs the code again. Answered at once. */
  z.object({
    method: z.literal('kernel.execute'),
    kernel: kernelId,
    run: runId,
    cell: z.string(),
    code: z.string(),
  }),
  z.object({ method: z.literal('kernel.input'), kernel: kernelId, run: runId, value: z.string() }),
  /** complete_request, inspect_request, is_complete_request, history_request, comm_info_request: the reply's content. */
  z.object({
    method: z.literal('kernel.request'),
    kernel: kernelId,
    type: z.enum([
      'complete_request',
      'inspect_request',
      'is_complete_request',
      'history_request',
      'comm_info_request',
    ]),
    content: jsonObject,
    timeoutMs: z.int().positive().max(60_000),
  }),
  /**
   * From now on everything that the kernel says also comes as it is (`message`), until it is off or the link is cut.
   * For Jupyter's clients, which speak with kernels themselves.
   */
  z.object({ method: z.literal('kernel.listen'), kernel: kernelId, isOn: z.boolean() }),
  /** Payload: header, parent, metadata, content, buffers, of these lengths; signed and sent as they are, in order. */
  z.object({
    method: z.literal('kernel.send'),
    kernel: kernelId,
    channel: z.enum(['shell', 'control', 'stdin']),
    parts: z.array(z.int().nonnegative()).min(4),
  }),
  z.object({ method: z.literal('file.list'), path: projectPath }),
  z.object({ method: z.literal('file.stat'), path: projectPath }),
  /** Reply payload: the bytes. Fails with `file/too-large` above `maxBytes`. */
  z.object({ method: z.literal('file.read'), path: projectPath, maxBytes: z.int().positive() }),
  /**
   * Payload: the bytes. Temp file + fsync + rename + fsync of the folder, keeping the mode. `ifHash`: the SHA-256 the
   * file must have now (null: must not exist; absent: whatever), else `file/changed` or `file/exists`.
   */
  z.object({ method: z.literal('file.write'), path: projectPath, ifHash: z.string().nullable().optional() }),
  z.object({ method: z.literal('file.mkdir'), path: projectPath }),
  z.object({ method: z.literal('file.rename'), from: projectPath, to: projectPath }),
  z.object({ method: z.literal('file.remove'), path: projectPath }),
  /** Replaces the set of watched files (open documents) and folders (open listings). */
  z.object({ method: z.literal('file.watch'), files: z.array(projectPath), folders: z.array(projectPath) }),
]);
export type RunnerCall = z.infer<typeof runnerCall>;
export type RunnerMethod = RunnerCall['method'];
export type RunnerCallOf<M extends RunnerMethod> = Extract<RunnerCall, { method: M }>;

export const runnerDown = z.discriminatedUnion('t', [
  /** The server has events up to `ack` on its disk; the runner replays what follows, then goes on. */
  z.object({ t: z.literal('welcome'), ack: z.int().nonnegative() }),
  z.object({ t: z.literal('ack'), seq: z.int().nonnegative() }),
  z.object({ t: z.literal('call'), id: z.int().nonnegative(), call: runnerCall }),
  /** End: stop all kernels and exit. */
  z.object({ t: z.literal('stop') }),
]);
export type RunnerDown = z.infer<typeof runnerDown>;
