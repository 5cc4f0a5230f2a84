/** Headers that every answer carries, and the three content policies: the app, the output frame, users' bytes. */

const appPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "frame-src 'self'",
  "media-src 'self' blob: data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * From where libraries for plots, tables and maps load their scripts and styles. What is fetched there tells nothing to
 * whoever wrote the notebook: only the host itself sees who asks.
 */
const libraryHosts = [
  'cdn.jsdelivr.net',
  'cdn.plot.ly',
  'cdn.bokeh.org',
  'cdn.pydata.org',
  'cdnjs.cloudflare.com',
  'unpkg.com',
  'code.jquery.com',
  'd3js.org',
  'fonts.googleapis.com',
  'fonts.gstatic.com',
  'maxcdn.bootstrapcdn.com',
  'netdna.bootstrapcdn.com',
].map((host) => `https://${host}`);

/** Scripts of outputs run here: an opaque origin without cookies, storage or network of ours. */
function framePolicy(hosts: string): string {
  return [
    'sandbox allow-scripts allow-forms allow-downloads',
    "default-src 'none'",
    `script-src 'unsafe-inline' 'unsafe-eval' blob: ${hosts}`,
    `style-src 'unsafe-inline' ${hosts}`,
    `img-src data: blob: ${hosts}`,
    `font-src data: ${hosts}`,
    'media-src data: blob:',
    "connect-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}

export const outputFramePolicy = framePolicy(libraryHosts.join(' '));
/** When the reader has said that results of this notebook may load pictures, scripts and styles from anywhere. */
export const openOutputFramePolicy = framePolicy('https:');

/** For bytes that a user made: whatever they are, they are never a page of ours. */
export const userBytesPolicy = "sandbox; default-src 'none'; frame-ancestors 'self'";

export const commonHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': appPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};
