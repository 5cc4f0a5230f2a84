/**
 * Objects in S3 or a store that speaks like it (MinIO, Ceph, R2), addressed by path: <endpoint>/<bucket>/<prefix><key>.
 * A request that fails in a way that may pass (no answer, cut, 5xx, 429) is made again after a while; each has a time
 * limit. Secrets are signed with and never sent, logged or put into an error.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ (PutObject, GetObject, HeadObject, ListObjectsV2).
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@cahier/base/backoff.ts';
import { appError } from '@cahier/core/errors.ts';
import { AwsClient } from 'aws4fetch';
import type { ObjectStore, StoredObject } from '../../blobs/object-store.ts';
import type { S3Settings } from './s3-settings.ts';

export interface S3Options extends S3Settings {
  /** In [0, 1): spreads the tries of many servers. */
  readonly random?: () => number;
  /** First pause between two tries, ms. */
  readonly pauseMs?: number;
  /** How long one try may take at most, ms, beside a second for each megabyte. */
  readonly patienceMs?: number;
  /** Objects in one answer to `list`. */
  readonly listedAtOnce?: number;
}

const tries = 4;

/** An answer that may be another one next time. */
class Passing extends Error {}

export class S3ObjectStore implements ObjectStore {
  readonly #options: S3Options;
  readonly #client: AwsClient;
  readonly #bucket: string;

  constructor(options: S3Options) {
    this.#options = options;
    const { accessKeyId, secretAccessKey, sessionToken, region, endpoint, bucket } = options;
    this.#client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      region,
      service: 's3',
      retries: 0,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
    this.#bucket = `${endpoint.replace(/\/+$/, '')}/${encodeURIComponent(bucket)}`;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const body = Uint8Array.from(bytes);
    const sha256 = createHash('sha256').update(body).digest();
    const headers = {
      'content-type': 'application/octet-stream',
      // The store refuses what does not arrive as it was sent.
      'x-amz-checksum-sha256': sha256.toString('base64'),
      'x-amz-content-sha256': sha256.toString('hex'),
    };
    await this.#ask('PUT', this.#url(key), { headers, body });
  }

  async get(key: string): Promise<Uint8Array | null> {
    const answer = await this.#ask('GET', this.#url(key));
    return answer && answer.bytes;
  }

  async stat(key: string): Promise<StoredObject | null> {
    const answer = await this.#ask('HEAD', this.#url(key));
    if (!answer) return null;
    const { headers } = answer;
    return {
      key,
      size: Number(headers.get('content-length') ?? 0),
      putAt: Date.parse(headers.get('last-modified') ?? '') || 0,
    };
  }

  async remove(key: string): Promise<void> {
    await this.#ask('DELETE', this.#url(key));
  }

  async *list(prefix: string): AsyncGenerator<StoredObject, void> {
    const { prefix: own, listedAtOnce = 1_000 } = this.#options;
    for (let token: string | null = ''; token !== null; ) {
      const query = new URLSearchParams({
        'list-type': '2',
        'encoding-type': 'url',
        'max-keys': String(listedAtOnce),
        prefix: own + prefix,
        ...(token === '' ? {} : { 'continuation-token': token }),
      });
      const answer = await this.#ask('GET', `${this.#bucket}?${query.toString().replaceAll('+', '%20')}`);
      const xml = Buffer.from(answer?.bytes ?? []).toString('utf8');
      for (const [, entry = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const key = decodeURIComponent((textIn(entry, 'Key') ?? '').replaceAll('+', ' '));
        const putAt = Date.parse(textIn(entry, 'LastModified') ?? '') || 0;
        if (key.startsWith(own)) {
          yield { key: key.slice(own.length), size: Number(textIn(entry, 'Size') ?? 0), putAt };
        }
      }
      token = textIn(xml, 'NextContinuationToken');
    }
  }

  #url(key: string): string {
    const path = (this.#options.prefix + key).split('/').map(encodeURIComponent).join('/');
    return `${this.#bucket}/${path}`;
  }

  /** Null: 404. Throws `object/unreachable`. */
  async #ask(
    method: string,
    url: string,
    {
      headers = {},
      body,
    }: { readonly headers?: Record<string, string>; readonly body?: Uint8Array<ArrayBuffer> } = {},
  ): Promise<{ readonly headers: Headers; readonly bytes: Uint8Array } | null> {
    const { random = Math.random, pauseMs = 250, patienceMs = 20_000 } = this.#options;
    const megabytes = (body?.length ?? 0) / 1_000_000;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const request = await this.#client.sign(url, { method, headers, ...(body ? { body } : {}) });
        const signal = AbortSignal.timeout(Math.ceil(patienceMs + megabytes * 1_000));
        return await taken(await fetch(request, { signal, redirect: 'manual' }), method);
      } catch (error) {
        const mayPass = error instanceof Passing || (error instanceof Error && error.name !== 'AppError');
        if (!mayPass) throw error;
        if (attempt + 1 >= tries) throw unreachable(reasonOf(error), error);
        await sleep(backoffMs(attempt, random(), pauseMs));
      }
    }
  }
}

async function taken(
  response: Response,
  method: string,
): Promise<{ readonly headers: Headers; readonly bytes: Uint8Array } | null> {
  const { status, headers } = response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isMissing = status === 404 && method !== 'PUT' && !Buffer.from(bytes).includes('NoSuchBucket');
  if (isMissing) return null;
  if (status >= 500 || status === 429 || status === 408) throw new Passing(`it answered ${status}`);
  if (status >= 300) {
    const why = textIn(Buffer.from(bytes).toString('utf8'), 'Code');
    throw unreachable(`it refused with ${status}${why === null ? '' : ` ${why}`}`);
  }
  const told = headers.get('content-length');
  if (method === 'GET' && told !== null && Number(told) !== bytes.length)
    throw new Passing('its answer was cut');
  return { headers, bytes };
}

function unreachable(why: string, cause?: unknown): Error {
  return appError('object/unreachable', { details: { why }, ...(cause === undefined ? {} : { cause }) });
}

/** In words; an address or a header never gets into them. */
function reasonOf(error: unknown): string {
  if (error instanceof Passing) return error.message;
  if (error instanceof Error && error.name === 'TimeoutError') return 'it took too long';
  const cause: unknown = error instanceof Error ? error.cause : null;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED') return 'nothing listens at its address';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name is not known';
  return 'the connection broke';
}

/** The text of the first element of this name. */
function textIn(xml: string, name: string): string | null {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (found === undefined) return null;
  return found
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
