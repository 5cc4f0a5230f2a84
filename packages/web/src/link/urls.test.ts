import { asProjectId } from '@cahier/base/ids.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentPath, fileUrl, pages } from './urls.ts';

const part = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter((text) => !text.includes('/') && !/^\.\.?$/.test(text));
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

describe('addresses', () => {
  it('lead back to the document, whatever its name', () => {
    fc.assert(
      fc.property(path, (name) => {
        const url = new URL(pages.document('p1', name), 'http://x');
        expect(documentPath(url.pathname)).toBe(name);
      }),
    );
  });

  it('survive a stray percent sign', () => {
    expect(documentPath('/p/a/edit/100%.ipynb')).toBe('100%.ipynb');
  });

  it('keep # and ? inside names', () => {
    expect(fileUrl(asProjectId('p'), 'a #1?.csv', { download: true })).toBe(
      '/p/p/files/a%20%231%3F.csv?download=1',
    );
    expect(pages.folder('p', 'a b/c')).toBe('/p/p?folder=a%20b%2Fc');
  });
});
