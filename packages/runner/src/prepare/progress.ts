/** What `prepare` tells its caller: one JSON line per step on stdout, the last one `ready` or `failed`. */
export interface Progress {
  readonly phase: 'working' | 'ready' | 'failed';
  /** A sentence for a person. */
  readonly message: string;
  /** With `failed`: the one command that cures it. */
  readonly cure?: string;
  /** With `ready`: folders to search for kernels, for the runner's configuration. */
  readonly kernelPaths?: readonly string[];
}

export type Tell = (progress: Progress) => void;
