/** Coloured code without an editor: for the past, and for code in Markdown. Imported lazily, as the editor is. */
import { classHighlighter, highlightCode } from '@lezer/highlight';
import { loadLanguage } from './language.ts';

export interface CodePiece {
  readonly text: string;
  /** Class names `tok-…` (code-tokens.css), or an empty string. */
  readonly look: string;
}

/** Above this many characters code stays plain: it would cost more than it tells. */
const limit = 50_000;

/** null: the language is not known here, or the code is too long. */
export async function highlight(code: string, language: string | null): Promise<CodePiece[] | null> {
  if (code.length > limit) return null;
  const support = await loadLanguage(language);
  if (!support) return null;
  const pieces: CodePiece[] = [];
  highlightCode(
    code,
    support.language.parser.parse(code),
    classHighlighter,
    (text, look) => pieces.push({ text, look }),
    () => pieces.push({ text: '\n', look: '' }),
  );
  return pieces;
}
