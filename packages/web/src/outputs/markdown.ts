/**
 * Markdown to HTML text, as Jupyter's users expect it: GitHub's tables, strike-through and task lists, math before
 * emphasis, attachments, heading ids. The HTML is NOT safe: it goes through sanitise.ts before it meets the page.
 * Loaded on demand (markdown-it is 36 kB); math stays TeX in `<span class="math-…">` for math.ts.
 */
import type { JsonObject } from '@cahier/base/json.ts';
import { isJsonObject } from '@cahier/base/json.ts';
import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import { findMath } from './find-math.ts';
import { headingId } from './heading-id.ts';

export interface MarkdownEnvironment {
  /** Attachment name → MIME bundle with base64 values. */
  readonly attachments?: JsonObject | undefined;
  /** Address of a file beside the notebook. */
  readonly resolve?: ((relative: string) => string) | undefined;
  /** Address of the page of a file beside the notebook. */
  readonly link?: ((relative: string) => string) | undefined;
}

const markdown = makeMarkdown();

/** Source of a cell or an output as unsafe HTML. */
export function renderMarkdown(source: string, environment: MarkdownEnvironment = {}): string {
  return markdown.render(source, { environment });
}

function makeMarkdown() {
  const md = new MarkdownIt({ html: true, linkify: true });
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  // Attachments become data: addresses; the sanitiser drops every scheme that is not wanted.
  md.validateLink = () => true;
  md.inline.ruler.before('escape', 'math', (state, silent) => {
    const math = findMath(state.src, state.pos);
    if (!math || math.end > state.posMax) return false;
    if (!silent) {
      const token = state.push(math.isDisplay ? 'math_display' : 'math_inline', '', 0);
      token.content = math.tex;
    }
    state.pos = math.end;
    return true;
  });
  md.block.ruler.before(
    'fence',
    'math',
    (state, startLine, endLine, silent) => {
      const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
      if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
      if (!/^(?:\$\$|\\\[|\\begin\{)/.test(state.src.slice(start, start + 8))) return false;
      const limit = state.eMarks[endLine - 1] ?? state.src.length;
      const math = findMath(state.src.slice(0, limit), start);
      if (!math?.isDisplay) return false;
      let line = startLine;
      while (line < endLine && (state.eMarks[line] ?? 0) < math.end) line++;
      // Text after the closing delimiter: then it is math inside a paragraph, and the inline rule does it.
      if (state.src.slice(math.end, state.eMarks[line] ?? math.end).trim() !== '') return false;
      if (silent) return true;
      const token = state.push('math_display', '', 0);
      token.content = math.tex;
      token.map = [startLine, line + 1];
      state.line = line + 1;
      return true;
    },
    { alt: ['paragraph', 'reference', 'blockquote', 'list'] },
  );
  const escape = md.utils.escapeHtml;
  const text = (tokens: Token[], i: number) => escape(tokens[i]?.content ?? '');
  md.renderer.rules['math_inline'] = (tokens, i) => `<span class="math-inline">${text(tokens, i)}</span>`;
  md.renderer.rules['math_display'] = (tokens, i) => `<span class="math-display">${text(tokens, i)}</span>`;
  md.core.ruler.push('addresses', (state) => {
    const environment: MarkdownEnvironment = state.env.environment ?? {};
    for (const token of state.tokens.flatMap((t) => [t, ...(t.children ?? [])])) {
      for (const name of ['src', 'href']) {
        const address = token.attrGet(name);
        if (address !== null) token.attrSet(name, addressOf(String(address), name === 'src', environment));
      }
    }
    return true;
  });
  md.core.ruler.push('tasks', (state) => {
    state.tokens.forEach((token, i) => {
      const inline = state.tokens[i + 2];
      const first = inline?.children?.[0];
      const mark = /^\[([ xX])\]\s/.exec(first?.content ?? '');
      if (token.type !== 'list_item_open' || inline?.type !== 'inline' || first?.type !== 'text' || !mark)
        return;
      token.attrJoin('class', 'task');
      first.content = `${mark[1] === ' ' ? '☐' : '☑'} ${first.content.slice(mark[0].length)}`;
    });
    return true;
  });
  md.core.ruler.push('headings', (state) => {
    state.tokens.forEach((token, i) => {
      if (token.type !== 'heading_open' && token.type !== 'heading_close') return;
      // The page has its own h1: a notebook's titles stand below it, and look as they were meant to.
      const level = Number(token.tag.slice(1));
      token.tag = `h${Math.min(6, level + 1)}`;
      if (token.type === 'heading_close') return;
      token.attrJoin('class', `level-${level}`);
      token.attrSet('id', headingId(state.tokens[i + 1]?.content ?? ''));
    });
    return true;
  });
  return md;
}

function addressOf(address: string, isSource: boolean, environment: MarkdownEnvironment): string {
  if (address.startsWith('attachment:')) {
    const bundle = environment.attachments?.[decode(address.slice('attachment:'.length))];
    if (!isJsonObject(bundle)) return '';
    const [mime, data] = Object.entries(bundle)[0] ?? [];
    return typeof data === 'string' && mime?.startsWith('image/') ? `data:${mime};base64,${data}` : '';
  }
  const isRelative = !/^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i.test(address);
  const place = isSource ? environment.resolve : environment.link;
  return isRelative && place ? place(decode(address)) : address;
}

function decode(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
