import { describe, expect, it } from 'vitest';
import { headingId } from './heading-id.ts';
import { renderMarkdown } from './markdown.ts';

describe('Markdown', () => {
  it('takes math before emphasis and escapes', () => {
    expect(renderMarkdown('a $x_1 * y_1 * z_1$ b')).toContain(
      '<span class="math-inline">x_1 * y_1 * z_1</span>',
    );
    expect(renderMarkdown('\\(a_b\\) and \\[c\\]')).toContain('<span class="math-inline">a_b</span>');
    expect(renderMarkdown('`$code$`')).toContain('<code>$code$</code>');
  });

  it('keeps display math whole over lines that look like lists or headings', () => {
    expect(renderMarkdown('$$\na\n- b\n\n+ c\n$$\n\ntext')).toBe(
      '<span class="math-display">\na\n- b\n\n+ c\n</span><p>text</p>\n',
    );
    expect(renderMarkdown('\\begin{align}\na &= b \\\\\n= c\n\\end{align}')).toContain('math-display');
    expect(renderMarkdown('$$a$$ and text')).toContain('<p><span class="math-display">a</span> and text</p>');
  });

  it('escapes what TeX holds', () => {
    expect(renderMarkdown('$a<b$')).toContain('a&lt;b');
  });

  it('has tables, strike-through, task lists and heading ids', () => {
    expect(renderMarkdown('|a|b|\n|-|-|\n|1|2|')).toContain('<td>1</td>');
    expect(renderMarkdown('~~a~~')).toContain('<s>a</s>');
    expect(renderMarkdown('- [x] done\n- [ ] open')).toContain('☑ done');
    expect(renderMarkdown('## My *great* title')).toContain('<h3 class="level-2" id="My-*great*-title">');
    expect(headingId(' A b ')).toBe('A-b');
  });

  it('shows attachments and files beside the notebook', () => {
    const attachments = { 'a b.png': { 'image/png': 'AAAA' } };
    expect(renderMarkdown('![x](attachment:a%20b.png)', { attachments })).toContain(
      'src="data:image/png;base64,AAAA"',
    );
    expect(renderMarkdown('![x](attachment:gone.png)', { attachments })).toContain('src=""');
    const resolve = (path: string) => `/files/${path}`;
    expect(renderMarkdown('![x](img/a.png)', { resolve })).toContain('src="/files/img/a.png"');
    const link = (path: string) => `/page/${path}`;
    expect(renderMarkdown('[x](my%20other.ipynb) [y](#part)', { link })).toContain(
      'href="/page/my other.ipynb"',
    );
    expect(renderMarkdown('[y](#part)', { link })).toContain('href="#part"');
    expect(renderMarkdown('![x](https://a.org/a.png)', { resolve })).toContain('src="https://a.org/a.png"');
  });
});
