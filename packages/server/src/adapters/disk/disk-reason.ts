/** Why the file system refused, in words for the person who runs the server. */
const words: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'the system does not allow writing there',
  EPERM: 'the system does not allow writing there',
  EIO: 'the disk reports an input/output error',
  EMFILE: 'too many files are open',
};

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function diskReason(error: unknown): string {
  return words[errnoOf(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
