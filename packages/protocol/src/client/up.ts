/**
 * Client link, browser → server: one socket per tab and project at `/p/:project/link`.
 * `id` numbers a request; its answer carries the number as `re` (`reply` or `error`). Frames without `id` have no answer.
 */
import type { Origin } from '@cahier/core/history/entry.ts';
import { z } from 'zod';
import { cellId, documentId, projectPath, runId } from '../ids.ts';
import { voucher } from './voucher.ts';

const id = z.int().nonnegative();
const doc = documentId;

export const presenceState = z.object({
  /** The cell with the focus; absent in text documents. */
  cell: cellId.optional(),
  /** Selection as Yjs relative positions (JSON), on the cell's source text. */
  anchor: z.string().max(512).optional(),
  head: z.string().max(512).optional(),
  /** Is the cell being edited (true) or selected in command mode? */
  isEditing: z.boolean().optional(),
});
export type PresenceState = z.infer<typeof presenceState>;

/** Origins a client may claim for its own edits. */
export const clientOrigin = z.enum([
  'typing',
  'paste',
  'structure',
  'rearrangement',
  'undo',
  'offline',
  'offline-paste',
  'offline-structure',
  'offline-rearrangement',
  'offline-undo',
]) satisfies z.ZodType<Origin>;
export type ClientOrigin = z.infer<typeof clientOrigin>;

export const up = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), protocol: z.int(), tab: z.string().min(1).max(64) }),
  /** Payload: the client's state vector (empty when it has nothing). `epoch`: of the history its replica belongs to. */
  z.object({
    t: z.literal('doc.open'),
    id,
    path: projectPath,
    epoch: z.string().max(64).optional(),
    /** The client's last number known as saved: its next `doc.update` goes on from there, so that a gap is seen. */
    n: id.optional(),
  }),
  z.object({ t: z.literal('doc.close'), doc }),
  /**
   * Payload: one or more Yjs updates, in order, lengths in `parts`, origins in `origins` (same length).
   * `n`: the client's number of the last of them, counted per tab and document; `doc.saved {n}` answers when durable.
   */
  z.object({
    t: z.literal('doc.update'),
    doc,
    n: id,
    parts: z.array(z.int().nonnegative()).min(1).max(10_000),
    origins: z.array(clientOrigin).min(1).max(10_000),
  }),
  /**
   * Payload: updates that the server had handed out and lost in a crash, in order, lengths in `parts`; `vouchers` (same
   * length) say who made each: null, nobody does. They have no numbers and no answer.
   */
  z.object({
    t: z.literal('doc.recover'),
    doc,
    parts: z.array(z.int().nonnegative()).min(1).max(10_000),
    vouchers: z.array(voucher.nullable()).min(1).max(10_000),
  }),
  z.object({ t: z.literal('presence'), doc, state: presenceState.nullable() }),
  /**
   * Makes the document, or one cell, what it was after step `seq`. `results`: also the outputs, or nothing but them;
   * `output`: of one cell only this one (its place among the outputs then). The reply names the step `before` it.
   */
  z.object({
    t: z.literal('doc.restore'),
    id,
    doc,
    seq: z.int().nonnegative(),
    cell: cellId.optional(),
    results: z.enum(['with', 'only']).optional(),
    output: z.int().nonnegative().max(100_000).optional(),
  }),
  z.object({ t: z.literal('run.queue'), id, doc, cells: z.array(cellId).min(1).max(20_000) }),
  /** Takes waiting cells (all when `cells` is absent) out of the queue; the running one is not touched. */
  z.object({ t: z.literal('run.cancel'), id, doc, cells: z.array(cellId).max(20_000).optional() }),
  z.object({ t: z.literal('outputs.clear'), id, doc, cells: z.array(cellId).max(20_000).optional() }),
  z.object({ t: z.literal('kernel.interrupt'), id, doc }),
  z.object({ t: z.literal('kernel.restart'), id, doc }),
  z.object({ t: z.literal('kernel.shutdown'), id, doc }),
  /** Chooses the kernelspec for the notebook (also written to its metadata); starts it. */
  z.object({ t: z.literal('kernel.select'), id, doc, name: z.string().min(1).max(256) }),
  z.object({ t: z.literal('input.reply'), id, doc, run: runId, value: z.string().max(1_000_000) }),
  /** Completion and inspection. `cursor` counts Unicode code points. The reply is the kernel's content, or null when busy. */
  z.object({
    t: z.literal('kernel.complete'),
    id,
    doc,
    code: z.string().max(2_000_000),
    cursor: z.int().nonnegative(),
  }),
  z.object({
    t: z.literal('kernel.inspect'),
    id,
    doc,
    code: z.string().max(2_000_000),
    cursor: z.int().nonnegative(),
    detail: z.union([z.literal(0), z.literal(1)]),
  }),
  z.object({ t: z.literal('ping'), id }),
]);
/** The reply to `doc.restore`: going back to this step undoes it. */
export const restored = z.object({ before: z.int().nonnegative() });

export type UpFrame = z.infer<typeof up>;
export type UpFrameOf<T extends UpFrame['t']> = Extract<UpFrame, { t: T }>;
