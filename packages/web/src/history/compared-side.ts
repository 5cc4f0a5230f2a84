/**
 * One side of a comparison: a moment of this history, or a file from outside of it (of the project, or as Git has it),
 * brought to one form. Reading a file is lazy: the notebook format is only fetched when one is compared.
 */
import { textKind } from '@cahier/core/documents/text-kind.ts';
import { appError } from '@cahier/core/errors.ts';
import {
  comparableNotebook,
  type ComparableNotebook,
  comparablePast,
} from '@cahier/core/history/compare/comparable.ts';
import { textOf } from '@cahier/core/history/restore.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';
import type { GitCommit } from '@cahier/protocol/http/git.ts';
import { randomId } from '../link/random-id.ts';

/** What a moment is compared with. */
export type ComparedWith =
  | { readonly what: 'moment'; readonly seq: number | 'now' }
  | { readonly what: 'commit'; readonly commit: GitCommit }
  | { readonly what: 'file'; readonly path: string };

export type SideContent =
  | { readonly kind: 'notebook'; readonly notebook: ComparableNotebook }
  | { readonly kind: 'text'; readonly text: string };

export interface ComparedSide {
  readonly words: string;
  readonly content: SideContent;
}

export function contentOfPast(past: PastDocument, kind: SideContent['kind']): SideContent {
  return kind === 'notebook' ? { kind, notebook: comparablePast(past) } : { kind, text: textOf(past) };
}

/** Throws what opening such a file would: it is no notebook, no text. */
export async function contentOfFile(
  bytes: Uint8Array,
  path: string,
  kind: SideContent['kind'],
): Promise<SideContent> {
  if (kind === 'text') {
    const parsed = textKind.fromFile(bytes, path, randomId);
    if (!parsed.ok) throw appError(parsed.code, { details: parsed.details });
    return { kind, text: parsed.plain };
  }
  const { readNotebookFile } = await import('@cahier/core/notebooks/nbformat/read-notebook.ts');
  const parsed = readNotebookFile(bytes, path, () => randomId().slice(0, 8));
  if (!parsed.ok) throw appError(parsed.code, { details: parsed.details });
  return { kind, notebook: comparableNotebook(parsed.plain) };
}

/** “a1b2c3d: the message”. */
export function commitWords({ hash, message }: GitCommit): string {
  const short = message.length > 60 ? `${message.slice(0, 59)}…` : message;
  return short === '' ? hash.slice(0, 7) : `${hash.slice(0, 7)} “${short}”`;
}
