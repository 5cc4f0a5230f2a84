/**
 * Jupyter messages as values, and what this client reads of their contents. Kernels break the specification daily,
 * so every schema takes what it can use and lets the rest pass; nothing here throws on a field that is odd.
 * Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html (5.x).
 */
import { type Json, type JsonObject, isJsonObject } from '@cahier/base/json.ts';
import { z } from 'zod';

export interface MessageHeader {
  readonly msg_id: string;
  readonly msg_type: string;
  /** Names the sending process: another session from a kernel means that it was restarted. */
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
  /** JEP 91: which subshell is to answer; only in requests. */
  readonly subshell_id?: string;
}

export interface JupyterMessage {
  readonly header: MessageHeader;
  /** The header of the request that caused this message; null when there was none. */
  readonly parent: MessageHeader | null;
  readonly metadata: JsonObject;
  readonly content: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

/** The version this client claims. Nothing branches on the other side's claim. */
export const messagingVersion = '5.4';

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** A header as far as it can be used; null when it has no message type. */
export function readHeader(value: unknown): MessageHeader | null {
  if (!isJsonObject(value) || typeof value['msg_type'] !== 'string') return null;
  return {
    msg_id: text(value['msg_id']),
    msg_type: value['msg_type'],
    session: text(value['session']),
    username: text(value['username']),
    date: text(value['date']),
    version: text(value['version']),
  };
}

/** Parents are `{}` when there is none, and some kernels leave out the type: the id is what matters. */
export function readParent(value: unknown): MessageHeader | null {
  if (!isJsonObject(value) || typeof value['msg_id'] !== 'string' || value['msg_id'] === '') return null;
  return readHeader({ msg_type: '', ...value });
}

const object = z.custom<JsonObject>(isJsonObject);
const count = z.int().nullable().catch(null).default(null);

type ReplyStatus = 'ok' | 'error' | 'aborted' | 'unknown';
const replyStatus: ReadonlyMap<string, ReplyStatus> = new Map([
  ['ok', 'ok'],
  ['error', 'error'],
  ['aborted', 'aborted'],
  ['abort', 'aborted'],
]);

/** `execute_reply`. `abort` (IRkernel, tslab) means `aborted`; without a status the reply says nothing (`unknown`). */
export const executeReply = z.object({
  status: z
    .string()
    .optional()
    .catch(undefined)
    .transform((status) => (status === undefined ? 'unknown' : (replyStatus.get(status) ?? 'unknown'))),
  execution_count: count,
  payload: z
    .array(z.unknown())
    .catch([])
    .default([])
    .transform((items) => items.filter(isJsonObject)),
});
export type ExecuteReply = z.infer<typeof executeReply>;

export const executeInput = z.object({ execution_count: count });

export const kernelStatusContent = z.object({ execution_state: z.string().catch('').default('') });

/** xeus-python says `pwd` where the specification says `password`. */
export const inputRequest = z
  .object({
    prompt: z.string().catch('').default(''),
    password: z.boolean().catch(false).default(false),
    pwd: z.boolean().catch(false).default(false),
  })
  .transform(({ prompt, password, pwd }) => ({ prompt, isPassword: password || pwd }));

export const kernelInfoReply = z.object({
  implementation: z.string().catch('').default(''),
  language_info: object.catch({}).default({}),
  supported_features: z.array(z.string()).catch([]).default([]),
});

export const subshellsFeature = 'kernel subshells';
export const createSubshellReply = z.object({ subshell_id: z.string().min(1) });

/** IOPub types that become outputs of a run. */
export const outputTypes = [
  'stream',
  'display_data',
  'execute_result',
  'update_display_data',
  'clear_output',
  'error',
] as const;
export type OutputType = (typeof outputTypes)[number];

const knownOutputTypes: ReadonlySet<string> = new Set(outputTypes);
export const isOutputType = (type: string): type is OutputType => knownOutputTypes.has(type);
