/** What nbconvert can write, in words, most wanted first. Pure. */
export interface ExportFormat {
  /** nbconvert's name of it. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
}

const known: readonly ExportFormat[] = [
  { name: 'html', title: 'Web page', about: 'One .html file with all pictures, for any browser' },
  { name: 'webpdf', title: 'PDF', about: 'As the web page looks; needs Playwright beside nbconvert' },
  { name: 'pdf', title: 'PDF through LaTeX', about: 'Typeset; needs LaTeX in the project' },
  { name: 'qtpdf', title: 'PDF through Qt', about: 'As the web page looks; needs Qt beside nbconvert' },
  {
    name: 'script',
    title: 'Program',
    about: 'The code alone, in the language of the notebook (.py for Python)',
  },
  { name: 'markdown', title: 'Markdown', about: 'Text with code blocks; pictures beside it' },
  { name: 'slides', title: 'Slides', about: 'A presentation for the browser (reveal.js)' },
  { name: 'latex', title: 'LaTeX', about: 'The source, to typeset yourself' },
  { name: 'rst', title: 'reStructuredText', about: 'For Sphinx and other documentation' },
  { name: 'asciidoc', title: 'AsciiDoc', about: 'For documentation' },
];

/** Kinds that are another one under a second name, or the notebook itself. */
const left = new Set(['notebook', 'python', 'custom', 'qtpng']);

export function exportFormats(names: readonly string[]): readonly ExportFormat[] {
  const others = names
    .filter((name) => !left.has(name) && !known.some((format) => format.name === name))
    .map((name) => ({ name, title: name, about: 'A format that was added to nbconvert here' }));
  return [...known.filter(({ name }) => names.includes(name)), ...others];
}

/** The name that the server gives to the file. */
export function attachedName(disposition: string | null): string | null {
  const coded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  if (coded !== undefined) {
    try {
      return decodeURIComponent(coded);
    } catch {
      // not what it says to be: the plain name is left
    }
  }
  return /filename="([^"]+)"/i.exec(disposition ?? '')?.[1] ?? null;
}
