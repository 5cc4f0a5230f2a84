/** Why SQLite refused, in words for the person who runs the server. Source: https://www.sqlite.org/rescode.html */
const words: Record<number, string> = {
  5: 'another program has locked the file',
  8: 'the disk or the file is read-only',
  10: 'the disk reports an input/output error',
  11: 'the file is damaged',
  13: 'the disk is full',
  14: 'the file cannot be opened (check that the folder exists and may be written)',
  26: 'the file is not a database',
};

export function sqliteReason(error: unknown): string {
  if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
    return words[error.errcode & 0xff] ?? error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
