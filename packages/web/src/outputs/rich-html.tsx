/** HTML or Markdown in the page: sanitised nodes, math drawn where it occurs. The libraries come on demand. */
import type { JsonObject } from '@cahier/base/json.ts';
import { memo, useEffect, useRef } from 'react';
import { splitMath } from './find-math.ts';
import { useOutputSource, type OutputSource } from './output-source.ts';
import styles from './rich-html.module.css';

interface Props {
  readonly source: string;
  readonly kind: 'html' | 'markdown';
  readonly attachments?: JsonObject | undefined;
  /** Told when what is seen has its final size. */
  readonly onDrawn?: (() => void) | undefined;
}

export const RichHtml = memo(function RichHtml({ source, kind, attachments, onDrawn }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const output = useOutputSource();
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let isWanted = true;
    draw(source, kind, attachments, output).then(
      (nodes) => {
        if (!isWanted) return;
        element.replaceChildren(nodes);
        onDrawn?.();
      },
      () => {
        // The library could not be loaded (offline): the source is better than nothing.
        if (isWanted) element.textContent = source;
      },
    );
    return () => {
      isWanted = false;
    };
  }, [source, kind, attachments, output, onDrawn]);
  return (
    <div
      ref={host}
      className={`${styles['rich']} ${kind === 'markdown' ? styles['prose'] : styles['html']}`}
    />
  );
});

async function draw(
  source: string,
  kind: 'html' | 'markdown',
  attachments: JsonObject | undefined,
  output: OutputSource,
): Promise<DocumentFragment> {
  const [{ sanitise }, html] = await Promise.all([
    import('./sanitise.ts'),
    htmlOf(source, kind, attachments, output),
  ]);
  const nodes = sanitise(html);
  void colorCode(nodes);
  await drawMath(nodes, kind, output);
  return nodes;
}

/** Fenced code with a known language gets its colours; they come when they come. */
async function colorCode(nodes: DocumentFragment): Promise<void> {
  const places = [...nodes.querySelectorAll<HTMLElement>('pre > code[class^="language-"]')];
  if (places.length === 0) return;
  try {
    const { highlight } = await import('../editor/highlight.ts');
    for (const place of places) {
      const pieces = await highlight(place.textContent, place.className.slice('language-'.length));
      if (!pieces) continue;
      place.replaceChildren(
        ...pieces.map(({ text, look }) => {
          if (look === '') return text;
          const piece = document.createElement('span');
          piece.className = look;
          piece.textContent = text;
          return piece;
        }),
      );
    }
  } catch {
    // The colours could not be fetched: the code is there without them.
  }
}

async function htmlOf(
  source: string,
  kind: 'html' | 'markdown',
  attachments: JsonObject | undefined,
  output: OutputSource,
): Promise<string> {
  if (kind === 'html') return source;
  const { renderMarkdown } = await import('./markdown.ts');
  return renderMarkdown(source, {
    attachments,
    resolve: output.fileUrl?.bind(output),
    link: output.pageUrl?.bind(output),
  });
}

async function drawMath(
  nodes: DocumentFragment,
  kind: 'html' | 'markdown',
  output: OutputSource,
): Promise<void> {
  if (kind === 'html') markMath(nodes);
  const places = nodes.querySelectorAll<HTMLElement>('.math-inline, .math-display');
  if (places.length === 0) return;
  const { renderMath } = await import('./math.ts');
  for (const place of places) {
    renderMath(place, place.textContent, place.classList.contains('math-display'), output.macros);
  }
}

/** Sage and SymPy put TeX into HTML as text; code and preformatted text are left alone. */
function markMath(nodes: DocumentFragment): void {
  if (!/\$|\\\(|\\\[|\\begin\{/.test(nodes.textContent)) return;
  const walker = document.createTreeWalker(nodes, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node instanceof Text && !node.parentElement?.closest('code, pre, table.dataframe, math'))
      texts.push(node);
  }
  for (const node of texts) {
    const parts = splitMath(node.data);
    if (!parts.some((part) => 'tex' in part)) continue;
    node.replaceWith(
      ...parts.map((part) => {
        if ('text' in part) return part.text;
        const place = document.createElement('span');
        place.className = part.isDisplay ? 'math-display' : 'math-inline';
        place.textContent = part.tex;
        return place;
      }),
    );
  }
}
