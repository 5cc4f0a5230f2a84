/** HTTP bodies of history, under /api/projects/:project/documents/:document/history. */
import type { PastDocument, Step } from '@cahier/core/history/step.ts';
import { z } from 'zod';
import { documentId, personId, projectPath } from '../ids.ts';

export const authorOnWire = z.object({ person: personId.nullable(), name: z.string(), color: z.string() });
export type AuthorOnWire = z.infer<typeof authorOnWire>;

/**
 * GET /timeline — small and complete enough for a slider: `moments` are bursts of steps (same author, gaps under
 * 2 s, at most 200 steps) as [seq of the last step, at (ms) of the last step, author index, steps, flags]; flags: 1 has a run, 2 a failed run,
 * 4 a restore, 8 a change from disk, 16 a paste, 32 a kernel restart or death, 64 a named version.
 */
export const timeline = z.object({
  epoch: z.string(),
  kind: z.enum(['notebook', 'text']),
  firstAt: z.number(),
  lastAt: z.number(),
  lastSeq: z.number(),
  authors: z.array(authorOnWire),
  /** At most some 4,000: in a long history neighbouring bursts are joined (author: who did most). */
  moments: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])),
  /** Steps whose record on the server's disk is damaged: they show nothing, the rest is intact. */
  damaged: z.array(z.number()).optional(),
});
export type Timeline = z.infer<typeof timeline>;

/**
 * POST /purge: removes what happened in entries from … to (numbers of the timeline) for ever. What the document was at
 * `to` stays, as one entry of nobody; the purge itself is an entry of its own.
 */
export const purgeRange = z.object({ from: z.int().positive(), to: z.int().positive() });
export const purged = z.object({ entries: z.number() });

/** GET /api/projects/:project/documents?deleted=1: documents with a history whose file is gone. */
export const deletedDocuments = z.array(
  z.object({
    document: documentId,
    path: z.string(),
    /** Time (ms) and author of the last entry; null: it has none, or it cannot be read. */
    lastAt: z.number().nullable(),
    lastAuthor: z.string().nullable(),
  }),
);
export type DeletedDocument = z.infer<typeof deletedDocuments>[number];
/** POST /api/projects/:project/documents/:document/recover: writes the file again, where it was or at `path`. */
export const recoverDocument = z.object({ path: projectPath.optional() });
export const recovered = z.object({ path: projectPath });

/** GET /api/projects/:project/histories: every document with a history; GET /histories/export: all as JSON lines. */
export const histories = z.array(
  z.object({
    document: documentId,
    path: z.string(),
    kind: z.enum(['notebook', 'text']),
    isDeleted: z.boolean(),
    steps: z.number(),
    /** Time (ms) of the last step; null: it cannot be read. */
    lastAt: z.number().nullable(),
  }),
);
export type HistoryOnWire = z.infer<typeof histories>[number];

/** GET /names: moments that people named, in order. `at`: when it was named (ms). */
export const namedMoments = z.array(
  z.object({ seq: z.number(), name: z.string(), at: z.number(), by: z.string() }),
);
export type NamedMomentOnWire = z.infer<typeof namedMoments>[number];
/** PUT /names: gives the moment a name; an empty one takes it away. */
export const nameMoment = z.object({ seq: z.int().positive(), name: z.string().trim().max(120) });

/** GET /chunk?seq=N — the checkpoint before N and all steps up to the next one; without `seq` the newest. The browser folds. */
export const chunk = z.object({
  authors: z.array(authorOnWire),
  base: z.custom<PastDocument>((v) => typeof v === 'object' && v !== null && 'cells' in v),
  steps: z.custom<readonly Step[]>((v) => Array.isArray(v)),
});
export type Chunk = z.infer<typeof chunk>;
