/** What outputs need of the notebook they stand in. One per open notebook; the past notebook has its own. */
import type { BlobHash } from '@cahier/base/ids.ts';
import { createContext, useContext } from 'react';
import type { MathMacros } from './math.ts';

export interface OutputSource {
  /** Address of a blob, served with this type. */
  blobUrl(hash: BlobHash, type: string): string;
  /** Address of a file beside the notebook; undefined where there is none. */
  fileUrl?(relative: string): string;
  /** Address of the page of a file beside the notebook. */
  pageUrl?(relative: string): string;
  readonly macros: MathMacros;
}

const context = createContext<OutputSource | null>(null);
export const OutputSourceProvider = context.Provider;

export function useOutputSource(): OutputSource {
  const source = useContext(context);
  if (!source) throw new Error('an output stands outside of OutputSourceProvider');
  return source;
}
