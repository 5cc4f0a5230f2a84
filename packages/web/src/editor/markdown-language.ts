/** Markdown for the editor: the parser alone (3 kB), without the HTML, CSS and JavaScript that lang-markdown brings. */
import { defineLanguageFacet, Language, languageDataProp, LanguageSupport } from '@codemirror/language';
import { GFM, parser } from '@lezer/markdown';

const data = defineLanguageFacet({ closeBrackets: { brackets: ['(', '[', '{', "'", '"', '`'] } });

const language = new Language(
  data,
  parser.configure([GFM, { props: [languageDataProp.add({ Document: data })] }]),
  [],
  'markdown',
);

export function markdownLanguage(): LanguageSupport {
  return new LanguageSupport(language);
}
