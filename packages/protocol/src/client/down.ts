/** Client link, server → browser. Built by the server from typed values; the client parses the header with `down`. */
import type { LiveNotebook, LiveOp } from '@cahier/core/runs/live.ts';
import { z } from 'zod';
import { documentId, personId, projectPath, runId, sessionId } from '../ids.ts';
import { json, jsonObject } from '../json.ts';
import { wireError } from '../wire-error.ts';
import { presenceState } from './up.ts';
import { voucher } from './voucher.ts';

const re = z.int().nonnegative();
const doc = documentId;

export const personOnWire = z.object({ id: personId, name: z.string(), color: z.string() });
export type PersonOnWire = z.infer<typeof personOnWire>;

export const setupState = z.object({
  phase: z.enum(['ready', 'working', 'failed']),
  /** A sentence: what is being done, or what is missing. */
  message: z.string(),
  /** The one command that cures it, when failed. */
  cure: z.string().optional(),
});
export type SetupState = z.infer<typeof setupState>;

export const liveNotebook = z.custom<LiveNotebook>(
  (v) => typeof v === 'object' && v !== null && 'version' in v,
);
export const liveOps = z.custom<readonly LiveOp[]>((v) => Array.isArray(v));

export const peer = z.object({ session: sessionId, person: personOnWire, state: presenceState.nullable() });
export type Peer = z.infer<typeof peer>;

/** Is the file on disk equal to the document? `failed` carries a sentence (disk full…); `diverged`: cannot be merged. */
export const fileState = z.object({
  state: z.enum(['written', 'dirty', 'failed', 'missing']),
  message: z.string().optional(),
});
export type FileState = z.infer<typeof fileState>;

export const down = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('welcome'),
    session: sessionId,
    person: personOnWire,
    role: z.enum(['owner', 'editor', 'viewer']),
    /** The project's owner decides from which role on history may be read. */
    mayReadHistory: z.boolean(),
    setup: setupState,
    protocol: z.int(),
  }),
  /**
   * The document is open. Payload: parts[0] = server state vector, parts[1] = update with what the client lacks, then each
   * update that is not on the server's disk yet, with who made it in `vouchers`.
   * When the client's epoch was another one, the client must not merge its replica (it gets the whole state).
   */
  z.object({
    t: z.literal('doc.opened'),
    re,
    doc,
    path: projectPath,
    kind: z.enum(['notebook', 'text']),
    epoch: z.string(),
    mayEdit: z.boolean(),
    seq: z.int().nonnegative(),
    live: liveNotebook.optional(),
    peers: z.array(peer),
    file: fileState,
    vouchers: z.array(voucher),
    parts: z.array(z.int().nonnegative()),
  }),
  /** The file cannot be edited: why, and its text (payload, UTF-8, cut at 1 MB) to show read-only. */
  z.object({ t: z.literal('doc.refused'), re, path: projectPath, error: wireError, isText: z.boolean() }),
  /**
   * Payload: one Yjs update by somebody else, or several, in order, when `parts` gives their lengths (a busy room; the
   * client's own may be among them). `seq`: number in the history of the last of them; `vouchers`: who made each;
   * `durable`: the history is on the server's disk up to this number.
   */
  z.object({
    t: z.literal('doc.update'),
    doc,
    seq: z.int().nonnegative(),
    durable: z.int().nonnegative(),
    vouchers: z.array(voucher),
    parts: z.array(z.int().nonnegative()).optional(),
  }),
  /** Everything up to the client's number `n` is on the server's disk. */
  z.object({ t: z.literal('doc.saved'), doc, n: z.int().nonnegative(), seq: z.int().nonnegative() }),
  /** The edit up to `n` was refused (rights); the client must take the document anew. */
  z.object({ t: z.literal('doc.rejected'), doc, n: z.int().nonnegative(), error: wireError }),
  /** The server cannot place an update (something before it is missing): open again with the state vector. */
  z.object({ t: z.literal('doc.resync'), doc }),
  /** The document moved, was deleted, or was taken away: it must be left. */
  z.object({ t: z.literal('doc.closed'), doc, error: wireError }),
  z.object({ t: z.literal('doc.renamed'), doc, path: projectPath }),
  z.object({ t: z.literal('doc.file'), doc, file: fileState }),
  /** Live operations number `from`+1 … `from`+ops.length. */
  z.object({ t: z.literal('live'), doc, from: z.int().nonnegative(), ops: liveOps }),
  /** `left`: the session is gone. */
  z.object({ t: z.literal('presence'), doc, peer, left: z.boolean().optional() }),
  z.object({ t: z.literal('setup'), setup: setupState }),
  /** Folders whose listing changed (`''` is the project). */
  z.object({ t: z.literal('files.changed'), folders: z.array(projectPath) }),
  /** Storage trouble shown as a banner; null when it is over. */
  z.object({ t: z.literal('storage'), error: wireError.nullable() }),
  z.object({ t: z.literal('reply'), re, result: json }),
  z.object({ t: z.literal('error'), re: re.optional(), error: wireError }),
  /** Shown by `%load`-like payloads and pagers; not stored. */
  z.object({ t: z.literal('pager'), doc, run: runId, data: jsonObject }),
]);
export type DownFrame = z.infer<typeof down>;
export type DownFrameOf<T extends DownFrame['t']> = Extract<DownFrame, { t: T }>;
