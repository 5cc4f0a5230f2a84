/**
 * Where old history goes when it leaves the disk, from the environment: CAHIER_S3_*. The secrets come from there and from
 * nowhere else: no option, no file, no log has them.
 */
import { appError } from '@cahier/core/errors.ts';
import { z } from 'zod';

const settings = z.object({
  CAHIER_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .describe('Address of the store, for example https://s3.eu-central-1.amazonaws.com.'),
  CAHIER_S3_BUCKET: z.string().min(1).describe('A bucket that is there.'),
  CAHIER_S3_PREFIX: z
    .string()
    .regex(/^([\w.-]+\/)*$/, 'must be names, each followed by a slash')
    .default('')
    .describe('What the keys of all objects begin with, for example cahier/.'),
  CAHIER_S3_REGION: z.string().min(1).default('us-east-1').describe('Region that requests are signed for.'),
  CAHIER_S3_ACCESS_KEY_ID: z.string().min(1),
  CAHIER_S3_SECRET_ACCESS_KEY: z.string().min(1),
  CAHIER_S3_SESSION_TOKEN: z.string().min(1).optional(),
  CAHIER_S3_AFTER_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .default(30)
    .describe('Age at which packed history and large outputs leave the disk.'),
});

export interface S3Settings {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly afterDays: number;
}

/** Null: no bucket is named. Throws `start/usage`, naming the variable and never its value. */
export function s3Settings(env: Readonly<Record<string, string | undefined>>): S3Settings | null {
  const given = Object.entries(env).filter(([name, value]) => name in settings.shape && value !== '');
  if (!given.some(([name]) => name === 'CAHIER_S3_BUCKET')) return null;
  const read = settings.safeParse(Object.fromEntries(given));
  if (!read.success) {
    const [issue] = read.error.issues;
    const name = String(issue?.path[0] ?? 'CAHIER_S3_BUCKET');
    const why = issue?.code === 'invalid_type' ? 'it is missing' : issue?.message.toLowerCase();
    throw appError('start/usage', { details: { why: `${name} is not right: ${why}` } });
  }
  const { data } = read;
  return {
    endpoint: data.CAHIER_S3_ENDPOINT,
    bucket: data.CAHIER_S3_BUCKET,
    prefix: data.CAHIER_S3_PREFIX,
    region: data.CAHIER_S3_REGION,
    accessKeyId: data.CAHIER_S3_ACCESS_KEY_ID,
    secretAccessKey: data.CAHIER_S3_SECRET_ACCESS_KEY,
    afterDays: data.CAHIER_S3_AFTER_DAYS,
    ...(data.CAHIER_S3_SESSION_TOKEN === undefined ? {} : { sessionToken: data.CAHIER_S3_SESSION_TOKEN }),
  };
}
