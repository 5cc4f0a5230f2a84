/**
 * Runner link, server → runner. The runner dials the server's Unix socket (or TCP address) at `/runner-link`; frames as in
 * frame.ts. Calls are answered by `reply`; everything else the runner tells comes as numbered events (up.ts).
 */
import { z } from 'zod';
import { exporterName, kernelId, projectPath, runId, terminalName } from '../ids.ts';
import { jsonObject } from '../json.ts';
import { gitRevision } from '../project-facts.ts';

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
  /**
   * A client's own execute_request for a run that waits its turn. Payload: its parts, as with `kernel.send`. `kernel.execute`
   * of that run then sends this message instead of one of the runner's, so that the client hears the answers.
   */
  z.object({
    method: z.literal('kernel.hold'),
    kernel: kernelId,
    run: runId,
    parts: z.array(z.int().nonnegative()).min(4),
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
  /** `terminal` null: the runner names it. One of that name that is there is left as it is. `cwd` inside the project. */
  z.object({ method: z.literal('terminal.start'), terminal: terminalName.nullable(), cwd: projectPath }),
  z.object({ method: z.literal('terminal.list') }),
  /** Reply payload: what was shown lately (up to 1 MiB), to be shown to who comes now. */
  z.object({ method: z.literal('terminal.read'), terminal: terminalName }),
  /** From now on what is shown also comes as it is (`terminal`), until it is off or the link is cut. */
  z.object({ method: z.literal('terminal.watch'), terminal: terminalName, isOn: z.boolean() }),
  /** Some reader has everything up to there (bytes shown); without it the runner stops the program after a while. */
  z.object({ method: z.literal('terminal.ack'), terminal: terminalName, upTo: z.int().nonnegative() }),
  /** Payload: what was typed, UTF-8. */
  z.object({ method: z.literal('terminal.type'), terminal: terminalName }),
  z.object({
    method: z.literal('terminal.resize'),
    terminal: terminalName,
    rows: z.int().min(1).max(1_000),
    columns: z.int().min(1).max(2_000),
  }),
  /** Hangs up; `terminal.ended` follows. */
  z.object({ method: z.literal('terminal.end'), terminal: terminalName }),
  /** What the project's own nbconvert can write. */
  z.object({ method: z.literal('nbconvert.list') }),
  /** Payload: the notebook's bytes. `path`: where it is, for pictures beside it and the result's name. Reply payload: the result. */
  z.object({ method: z.literal('nbconvert.convert'), format: exporterName, path: projectPath }),
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
  /** The newest commits of the file, newest first, also under its earlier names. Never fails for want of Git. */
  z.object({ method: z.literal('git.log'), path: projectPath, most: z.int().positive().max(1_000) }),
  /** Reply payload: the file as that commit has it. */
  z.object({
    method: z.literal('git.show'),
    path: projectPath,
    revision: gitRevision,
    maxBytes: z.int().positive(),
  }),
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
