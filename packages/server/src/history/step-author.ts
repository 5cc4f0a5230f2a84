/** Authors as steps name them: by place in a list, one place per person and name. Sessions stay in the hot log. */
import type { PersonId } from '@cahier/base/ids.ts';

export interface StepAuthor {
  readonly person: PersonId | null;
  readonly name: string;
}

export class AuthorList {
  readonly #authors: StepAuthor[] = [];
  readonly #places = new Map<string, number>();

  /** The author's place; a new one at the end when the list does not have them. */
  placeOf({ person, name }: StepAuthor): number {
    const key = JSON.stringify([person, name]);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.#authors.length);
    return this.#authors.push({ person, name }) - 1;
  }

  get list(): readonly StepAuthor[] {
    return this.#authors;
  }
}
