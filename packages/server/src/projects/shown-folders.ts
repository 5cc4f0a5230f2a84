/** The folders that somebody has listed lately: their changes are watched. The oldest are forgotten. */
const mostFolders = 30;

export class ShownFolders {
  readonly #folders = new Set<string>();

  /** False when it was among them already. */
  show(path: string): boolean {
    const isNew = !this.#folders.delete(path);
    this.#folders.add(path);
    const [oldest] = this.#folders;
    if (this.#folders.size > mostFolders && oldest !== undefined) this.#folders.delete(oldest);
    return isNew;
  }

  get all(): readonly string[] {
    return [...this.#folders];
  }
}
