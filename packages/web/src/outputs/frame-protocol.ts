/**
 * What the page and the opaque output frame (public/output-frame.html) say to each other over one MessagePort.
 * The frame is untrusted: what it says is parsed here and can only change its own height or ask for a link.
 */
import { z } from 'zod';

export interface FrameOutput {
  readonly mime: string;
  readonly value: string;
}

export type FrameDown =
  | { readonly t: 'render'; readonly outputs: readonly FrameOutput[] }
  | {
      readonly t: 'theme';
      readonly scheme: 'light' | 'dark';
      readonly variables: Readonly<Record<string, string>>;
    };

const frameUp = z.discriminatedUnion('t', [
  z.object({ t: z.literal('resize'), height: z.number().nonnegative() }),
  z.object({ t: z.literal('link'), href: z.string().max(4096) }),
  z.object({ t: z.literal('failed'), message: z.string().max(4096) }),
  z.object({ t: z.literal('escape') }),
  /** The policy kept the frame from loading something of this host. */
  z.object({ t: z.literal('kept'), host: z.string().regex(/^[\w.-]{1,200}(?::\d{1,5})?$/) }),
]);
export type FrameUp = z.infer<typeof frameUp>;

/** Above this the frame scrolls by itself. CSS pixels. */
export const maxFrameHeight = 8_000;
/** More than this is not given to a frame (UTF-16 units). */
export const maxFrameContent = 48 * 1024 * 1024;
/** Never `allow-same-origin` (the frame would be the app), never `allow-popups`: links ask the page. */
export const frameSandbox = 'allow-scripts allow-forms allow-downloads';
export const frameUrl = '/output-frame';
/** The same with pictures, scripts and styles from anywhere; still without any other way out. */
export const openFrameUrl = '/output-frame?internet=yes';

/** null: not a message of ours. Heights are cut to `maxFrameHeight`, links that are not of the web are dropped. */
export function parseFrameUp(data: unknown): FrameUp | null {
  const parsed = frameUp.safeParse(data);
  if (!parsed.success) return null;
  const message = parsed.data;
  if (message.t === 'resize') {
    return Number.isFinite(message.height)
      ? { t: 'resize', height: Math.min(maxFrameHeight, message.height) }
      : null;
  }
  if (message.t === 'link' && !/^(?:https?:|mailto:)/i.test(message.href)) return null;
  return message;
}
