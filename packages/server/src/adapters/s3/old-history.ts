/** What there is for old history when the environment names a bucket. */
import type { Logger } from 'pino';
import { FarBlobs } from '../../blobs/far-blobs.ts';
import { DiskBlobStore } from '../disk/disk-blob-store.ts';
import { S3ObjectStore } from './s3-object-store.ts';
import { s3Settings } from './s3-settings.ts';

export interface OldHistory {
  readonly far: S3ObjectStore;
  readonly blobs: FarBlobs;
  /** What is younger stays on the disk, ms. */
  readonly afterMs: number;
}

/** `folder`: of the blobs on the disk. Null: no bucket is named. Throws `start/usage`. */
export function oldHistory(
  env: Readonly<Record<string, string | undefined>>,
  { folder, logger }: { readonly folder: string; readonly logger?: Logger },
): OldHistory | null {
  const settings = s3Settings(env);
  if (!settings) return null;
  const far = new S3ObjectStore(settings);
  const near = new DiskBlobStore({ folder, ...(logger ? { logger } : {}) });
  const afterMs = settings.afterDays * 24 * 60 * 60_000;
  return { far, blobs: new FarBlobs({ near, far, ...(logger ? { logger } : {}) }), afterMs };
}
