/** What kind of value a MIME type has inside a bundle. Source: nbformat 4.5, "display_data"; messaging 5.x, "Display data". */

/** The value is JSON, not a string. */
export function isJsonMime(mime: string): boolean {
  return mime === 'application/json' || /^application\/.*\+json$/.test(mime);
}

/** The value is base64 of bytes. */
export function isBinaryMime(mime: string): boolean {
  if (mime === 'image/svg+xml') return false;
  return (
    /^(image|audio|video|font)\//.test(mime) ||
    mime === 'application/pdf' ||
    mime === 'application/octet-stream'
  );
}
