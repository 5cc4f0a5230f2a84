/** HTTP bodies about a project's tokens, for programs that speak Jupyter's API. Times in ms since the epoch. */
import { z } from 'zod';

export const tokenScope = z.enum(['read', 'run', 'edit']);

/**
 * `header`: sent with each request. `address`: part of a base address (`/k/<secret>/api/…`), for programs that cannot
 * send headers; whoever sees the address has the right, so it always ends.
 */
export const tokenKind = z.enum(['header', 'address']);

export const addressHoursDefault = 24;
export const addressHoursMost = 30 * 24;

/** POST /api/projects/:project/tokens → `tokenMade`. */
export const newToken = z
  .object({
    name: z.string().trim().min(1).max(80),
    scopes: z
      .array(tokenScope)
      .min(1)
      .max(3)
      .transform((scopes) => [...new Set(scopes)]),
    kind: tokenKind.default('header'),
    /** For how long it counts. Absent: 24 for an address, else null: until it is taken back. */
    hours: z
      .int()
      .min(1)
      .max(366 * 24)
      .nullish(),
  })
  .refine(({ kind, hours }) => kind === 'header' || (hours ?? 0) <= addressHoursMost, {
    path: ['hours'],
    error: `an address counts for at most ${addressHoursMost} hours`,
  });

/** GET /api/projects/:project/tokens: a list of these. Owners see all of the project, others their own. */
export const tokenListed = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(tokenScope),
  kind: tokenKind,
  createdAt: z.number(),
  /** null: until it is taken back. */
  expiresAt: z.number().nullable(),
  usedAt: z.number().nullable(),
  /** The name of the person in whose name it comes in. */
  madeBy: z.string(),
});
export type TokenListed = z.infer<typeof tokenListed>;

/** The secret is shown this once. `address`: the base address to give to a program, with the secret in it if it is one. */
export const tokenMade = z.object({
  id: z.string(),
  token: z.string(),
  address: z.string(),
  expiresAt: z.number().nullable(),
});
export type TokenMade = z.infer<typeof tokenMade>;
