/**
 * Bytes that a user made, on their way to a browser: sandboxed, never sniffed, and a download unless of a type that
 * cannot carry scripts.
 */
import { extname } from 'node:path';
import { RawAnswer } from './route.ts';
import { userBytesPolicy } from './security-headers.ts';

const shownTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain; charset=utf-8',
  '.py': 'text/plain; charset=utf-8',
  '.csv': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
};

/** Never shown, so that what is in them cannot matter. */
const savedTypes: Readonly<Record<string, string>> = { '.ipynb': 'application/x-ipynb+json' };

export function userBytes(bytes: Uint8Array, name: string, isDownload: boolean): RawAnswer {
  const extension = extname(name).toLowerCase();
  const type = shownTypes[extension];
  const disposition = isDownload || type === undefined ? 'attachment' : 'inline';
  return new RawAnswer(bytes, {
    'content-type': type ?? savedTypes[extension] ?? 'application/octet-stream',
    'content-disposition': contentDisposition(disposition, name),
    'content-security-policy': userBytesPolicy,
    'cache-control': 'private, no-cache',
  });
}

/** RFC 6266 with the encoding of RFC 8187; characters that change how a name reads are taken out. */
export function contentDisposition(kind: 'attachment' | 'inline', name: string): string {
  const clean = name.replace(/[\p{Cc}\p{Cf}\u2028\u2029/\\]/gu, '').slice(0, 255) || 'file';
  const ascii = clean.replace(/[^\x20-\x7e]|["%;]/g, '_');
  const wellFormed = clean.toWellFormed();
  const encoded = encodeURIComponent(wellFormed).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
