import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDisposition, userBytes } from './user-bytes.ts';

const bytes = new TextEncoder().encode('<script>alert(1)</script>');

describe('bytes that a user made', () => {
  it.each([
    ['a.png', 'image/png', 'inline'],
    ['a.JPG', 'image/jpeg', 'inline'],
    ['a.txt', 'text/plain; charset=utf-8', 'inline'],
    ['a.pdf', 'application/pdf', 'inline'],
    ['a.html', 'application/octet-stream', 'attachment'],
    ['a.svg', 'application/octet-stream', 'attachment'],
    ['a.xhtml', 'application/octet-stream', 'attachment'],
    ['a.js', 'application/octet-stream', 'attachment'],
    ['a.png.html', 'application/octet-stream', 'attachment'],
    ['noextension', 'application/octet-stream', 'attachment'],
  ])('%s is sent as %s, %s, in a sandbox', (name, type, kind) => {
    const { headers } = userBytes(bytes, name, false);
    expect(headers['content-type']).toBe(type);
    expect(headers['content-disposition']).toMatch(new RegExp(`^${kind};`));
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
  });

  it('is a download when asked for', () => {
    expect(userBytes(bytes, 'a.png', true).headers['content-disposition']).toMatch(/^attachment;/);
  });

  it('names files as RFC 6266 says', () => {
    expect(contentDisposition('attachment', 'Übung "1".ipynb')).toBe(
      `attachment; filename="_bung _1_.ipynb"; filename*=UTF-8''%C3%9Cbung%20%221%22.ipynb`,
    );
    expect(contentDisposition('inline', 'safe\u202Egpj.exe')).toContain('filename="safegpj.exe"');
  });

  it('never lets a name end the header or leave its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const value = contentDisposition('attachment', name);
        expect(value).toMatch(
          /^attachment; filename="[\x20\x21\x23-\x7e]*"; filename\*=UTF-8''[\w.!#$&+^`|~%-]*$/,
        );
      }),
    );
  });
});
