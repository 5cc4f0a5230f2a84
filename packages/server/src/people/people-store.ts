/** Port: people and their sessions. Secrets come as hashes only. Times in ms since the epoch. */
import type { PersonId } from '@cahier/base/ids.ts';
import type { Person } from '../http/principal.ts';

export interface PersonRow extends Person {
  readonly isServerOwner: boolean;
  readonly createdAt: number;
}

export interface SessionRow {
  readonly hash: string;
  readonly person: PersonId;
  readonly createdAt: number;
  readonly seenAt: number;
}

export interface PeopleStore {
  serverOwner(): Promise<PersonRow | null>;
  person(id: PersonId): Promise<PersonRow | null>;
  addPerson(row: PersonRow): Promise<void>;
  rename(id: PersonId, name: string): Promise<void>;
  countPeople(): Promise<number>;
  addSession(row: SessionRow): Promise<void>;
  session(hash: string): Promise<{ readonly session: SessionRow; readonly person: PersonRow } | null>;
  touchSession(hash: string, seenAt: number): Promise<void>;
  removeSession(hash: string): Promise<void>;
  /** Forgets sessions not seen since `seenBefore` or made before `createdBefore`. */
  removeStaleSessions(seenBefore: number, createdBefore: number): Promise<void>;
}
