/** TeX to HTML and MathML (for screen readers). Loaded only when math occurs: KaTeX and its fonts are 63 kB. */
import katex from 'katex';
import 'katex/dist/katex.min.css';

/** `\newcommand` in one cell holds in the cells after it, as people know it from Jupyter: one object per notebook. */
export type MathMacros = Record<string, string>;

export function renderMath(element: HTMLElement, tex: string, isDisplay: boolean, macros: MathMacros): void {
  katex.render(tex, element, {
    displayMode: isDisplay,
    throwOnError: false,
    output: 'htmlAndMathml',
    trust: false,
    strict: 'ignore',
    maxExpand: 1_000,
    maxSize: 50,
    globalGroup: true,
    macros,
  });
}
