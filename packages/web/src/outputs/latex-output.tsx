/** A `text/latex` output: text with math in it, as SymPy and Sage send it. */
import { useEffect, useRef } from 'react';
import { splitMath } from './find-math.ts';
import { useOutputSource } from './output-source.ts';
import styles from './rich-html.module.css';

export function LatexOutput({ source }: { readonly source: string }) {
  const host = useRef<HTMLDivElement>(null);
  const { macros } = useOutputSource();
  useEffect(() => {
    let isWanted = true;
    import('./math.ts').then(
      ({ renderMath }) => {
        if (!isWanted || !host.current) return;
        const found = splitMath(source);
        // LaTeX without delimiters is taken as one formula.
        const parts = found.some((part) => 'tex' in part) ? found : [{ tex: source, isDisplay: true }];
        host.current.replaceChildren(
          ...parts.map((part) => {
            if ('text' in part) return part.text;
            const place = document.createElement('span');
            place.className = part.isDisplay ? 'math-display' : 'math-inline';
            renderMath(place, part.tex, part.isDisplay, macros);
            return place;
          }),
        );
      },
      () => {
        if (isWanted && host.current) host.current.textContent = source;
      },
    );
    return () => {
      isWanted = false;
    };
  }, [source, macros]);
  return <div ref={host} className={`${styles['rich']} ${styles['latex']}`} />;
}
