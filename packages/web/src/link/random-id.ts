/** A random id of 16 hex characters. `crypto.randomUUID` is missing on plain http, so this does without it. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
