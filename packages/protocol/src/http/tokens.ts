/** HTTP bodies about a project's tokens, for programs that speak Jupyter's API. Times in ms since the epoch. */
import { z } from 'zod';

export const tokenScope = z.enum(['read', 'run', 'edit']);

/** POST /api/projects/:project/tokens → `tokenMade`. */
export const newToken = z.object({
  name: z.string().trim().min(1).max(80),
  scopes: z
    .array(tokenScope)
    .min(1)
    .max(3)
    .transform((scopes) => [...new Set(scopes)]),
});

/** GET /api/projects/:project/tokens: a list of these. */
export const tokenListed = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(tokenScope),
  createdAt: z.number(),
  usedAt: z.number().nullable(),
});
export type TokenListed = z.infer<typeof tokenListed>;

/** The secret is shown this once. */
export const tokenMade = z.object({ id: z.string(), token: z.string() });
