/**
 * Port: bytes under a key in a store far away (S3 and what speaks like it): where segments and outputs go that are not
 * asked for every day. Whoever reads checks the bytes against the hash in their name. Contract: object-store.contract.ts.
 */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When it was put, ms since the epoch. */
  readonly putAt: number;
}

/** Everything throws `object/unreachable` when the store does not answer, refuses, or cuts its answer short. */
export interface ObjectStore {
  /** Resolves when the store has said that it keeps all of it. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Null: the store answered that there is no such object. */
  get(key: string): Promise<Uint8Array | null>;
  /** Null: there is none. */
  stat(key: string): Promise<StoredObject | null>;
  /** Also when there is none. */
  remove(key: string): Promise<void>;
  /** Objects whose keys begin with `prefix`, by key. */
  list(prefix: string): AsyncIterable<StoredObject>;
}
