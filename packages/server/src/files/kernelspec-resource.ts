/** A file of a kernelspec (its logo, its script) as an answer. It comes from a kernel's folder: shown as a picture or downloaded, never a page of ours. */
import { RawAnswer } from '../http/route.ts';
import { userBytesPolicy } from '../http/security-headers.ts';
import { contentDisposition } from '../http/user-bytes.ts';
import type { Runner } from '../runners/runner.ts';

/** Throws what the runner answers (`kernelspec/not-found`, `file/not-found`, …). */
export async function kernelspecResource(
  runner: Pick<Runner, 'call'>,
  name: string,
  file: string,
): Promise<RawAnswer> {
  const { result, payload } = await runner.call({ method: 'kernelspecs.resource', name, file });
  const isImage = /^image\/[a-z0-9.+-]+$/.test(result.mime);
  return new RawAnswer(payload, {
    'content-type': isImage ? result.mime : 'application/octet-stream',
    'content-disposition': contentDisposition(isImage ? 'inline' : 'attachment', file),
    'content-security-policy': userBytesPolicy,
    'cache-control': 'private, max-age=3600',
  });
}
