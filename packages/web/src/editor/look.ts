/** How code looks: one style for light and dark, since its colours are custom properties of the page. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags as t } from '@lezer/highlight';

const colors = HighlightStyle.define([
  { tag: [t.keyword, t.controlKeyword, t.moduleKeyword, t.operatorKeyword], color: 'var(--nb-syntax-keyword)' },
  { tag: [t.self, t.bool, t.null, t.atom], color: 'var(--nb-syntax-atom)' },
  { tag: [t.number, t.integer, t.float], color: 'var(--nb-syntax-number)' },
  { tag: [t.string, t.special(t.string), t.character, t.regexp], color: 'var(--nb-syntax-string)' },
  { tag: t.escape, color: 'var(--nb-syntax-atom)' },
  { tag: [t.comment, t.lineComment, t.blockComment], color: 'var(--nb-syntax-comment)', fontStyle: 'italic' },
  { tag: [t.function(t.variableName), t.function(t.propertyName), t.labelName], color: 'var(--nb-syntax-function)' },
  { tag: [t.definition(t.variableName), t.definition(t.propertyName)], color: 'var(--nb-syntax-definition)' },
  { tag: [t.className, t.typeName, t.namespace], color: 'var(--nb-syntax-type)' },
  { tag: [t.propertyName, t.attributeName], color: 'var(--nb-syntax-property)' },
  { tag: [t.meta, t.annotation, t.processingInstruction], color: 'var(--nb-syntax-meta)' },
  { tag: [t.heading1, t.heading2, t.heading3, t.heading4, t.heading5, t.heading6, t.heading], fontWeight: '700' },
  { tag: t.strong, fontWeight: '700' },
  { tag: t.emphasis, fontStyle: 'italic' },
  { tag: t.strikethrough, textDecoration: 'line-through' },
  { tag: [t.link, t.url], color: 'var(--nb-link)' },
  { tag: t.monospace, color: 'var(--nb-syntax-string)' },
  { tag: t.quote, color: 'var(--nb-muted)' },
  { tag: t.invalid, color: 'var(--nb-danger)' },
]);

const theme = EditorView.theme({
  '&': { color: 'var(--nb-text)', backgroundColor: 'transparent', fontSize: 'var(--nb-code-size)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--nb-font-code)', lineHeight: 'var(--nb-code-line)' },
  '.cm-content': { padding: '0', caretColor: 'var(--nb-accent)' },
  '.cm-line': { padding: '0 0.5rem 0 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--nb-accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--nb-selection)',
  },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--nb-faint)', border: '0', paddingInlineEnd: '0.5rem' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--nb-muted)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--nb-match)', outline: '0' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--nb-danger-surface)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--nb-match)' },
  '.cm-placeholder': { color: 'var(--nb-faint)' },
  '.cm-tooltip': {
    border: '1px solid var(--nb-border)',
    borderRadius: '10px',
    backgroundColor: 'var(--nb-raised)',
    color: 'var(--nb-text)',
    boxShadow: 'var(--nb-shadow)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--nb-font-code)',
    fontSize: 'var(--nb-code-size)',
    maxHeight: '16rem',
    padding: '0.25rem',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem 0.5rem', borderRadius: '6px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--nb-pressed)',
    color: 'var(--nb-text)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700', color: 'var(--nb-accent-text)' },
  '.cm-completionDetail': { color: 'var(--nb-muted)', fontStyle: 'normal' },
  '.cm-panels': { backgroundColor: 'var(--nb-raised)', color: 'var(--nb-text)', borderColor: 'var(--nb-border)' },
  '.cm-searchMatch': { backgroundColor: 'var(--nb-match)' },
  '.cm-searchMatch-selected': { outline: '2px solid var(--nb-accent)' },
});

export const codeLook: Extension = [theme, syntaxHighlighting(colors, { fallback: true })];
