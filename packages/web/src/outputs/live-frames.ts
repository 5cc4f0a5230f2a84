/**
 * How many output frames live at once: the ones used longest ago are put to sleep. A sleeping frame keeps its place on
 * the page and comes back by a click or by being scrolled to. Pure but for its listeners.
 */
export const maxLiveFrames = 30;

export class LiveFrames {
  #max: number;
  /** Oldest use first. */
  #awake = new Map<object, () => void>();

  constructor(max: number = maxLiveFrames) {
    this.#max = max;
  }

  /** The frame `key` is used now; `sleep` is called when it must make room. */
  use(key: object, sleep: () => void): void {
    this.#awake.delete(key);
    this.#awake.set(key, sleep);
    while (this.#awake.size > this.#max) {
      const oldest = this.#awake.entries().next().value;
      if (!oldest) return;
      this.#awake.delete(oldest[0]);
      oldest[1]();
    }
  }

  release(key: object): void {
    this.#awake.delete(key);
  }

  get size(): number {
    return this.#awake.size;
  }
}

export const liveFrames = new LiveFrames();
