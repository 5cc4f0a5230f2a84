/** Token bucket per key: `burst` tries at once, then one every `everyMs`. Bounded memory: full buckets are forgotten. */
import type { Clock } from '@cahier/base/clock.ts';

export interface RateRule {
  readonly burst: number;
  readonly everyMs: number;
}

const mostKeys = 10_000;

export class RateLimit {
  readonly #rule: RateRule;
  readonly #clock: Clock;
  /** Key → the moment at which its bucket is full again. */
  readonly #fullAt = new Map<string, number>();

  constructor(rule: RateRule, clock: Clock) {
    this.#rule = rule;
    this.#clock = clock;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Milliseconds to wait before the next try; 0 when one is allowed now. Takes nothing. */
  waitMs(key: string): number {
    const now = this.#clock.now();
    const fullAt = this.#fullAt.get(key) ?? now;
    return Math.max(0, fullAt - now - (this.#rule.burst - 1) * this.#rule.everyMs);
  }

  /** Takes one try; false when there is none left. */
  take(key: string): boolean {
    if (this.waitMs(key) > 0) return false;
    const now = this.#clock.now();
    if (this.#fullAt.size >= mostKeys) this.#forget(now);
    this.#fullAt.set(key, Math.max(this.#fullAt.get(key) ?? now, now) + this.#rule.everyMs);
    return true;
  }

  #forget(now: number): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key);
    if (this.#fullAt.size >= mostKeys) this.#fullAt.clear();
  }
}
