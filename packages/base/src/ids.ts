/**
 * Branded ids: a string that says what it names, so that a cell id never lands where a run id is meant.
 * `asX` is the one door from a plain string and is called where a wire, a file or a row is parsed.
 */
declare const brand: unique symbol;
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

export type ProjectId = Branded<string, 'ProjectId'>;
export type DocumentId = Branded<string, 'DocumentId'>;
export type CellId = Branded<string, 'CellId'>;
export type KernelId = Branded<string, 'KernelId'>;
export type RunId = Branded<string, 'RunId'>;
/** A terminal of a project, as Jupyter's clients name them: `1`, `2`… */
export type TerminalName = Branded<string, 'TerminalName'>;
export type PersonId = Branded<string, 'PersonId'>;
/** One client (tab) in one project: the life of one socket. */
export type SessionId = Branded<string, 'SessionId'>;
export type RunnerId = Branded<string, 'RunnerId'>;
/** Lower-case hex SHA-256 of a blob's bytes. */
export type BlobHash = Branded<string, 'BlobHash'>;

export const asProjectId = (s: string) => s as ProjectId;
export const asDocumentId = (s: string) => s as DocumentId;
export const asCellId = (s: string) => s as CellId;
export const asKernelId = (s: string) => s as KernelId;
export const asRunId = (s: string) => s as RunId;
export const asTerminalName = (s: string) => s as TerminalName;
export const asPersonId = (s: string) => s as PersonId;
export const asSessionId = (s: string) => s as SessionId;
export const asRunnerId = (s: string) => s as RunnerId;
export const asBlobHash = (s: string) => s as BlobHash;
