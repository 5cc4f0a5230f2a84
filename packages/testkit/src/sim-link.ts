/**
 * A simulated connection of one client: two directions that delay, drop, double and swap frames as the faults say.
 * Upwards anything may happen to a frame. Downwards what the real link promises is kept: a client that missed a frame is
 * made to open anew, and only updates and acknowledgements change places, never the answer to an opening.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimFaults } from './sim-options.ts';

export interface SimLinkParts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly faults: Readonly<SimFaults>;
  readonly toServer: (bytes: Uint8Array) => void;
  readonly toClient: (bytes: Uint8Array) => void;
  /** A frame to the client was dropped. */
  readonly clientMissed: () => void;
  readonly onCut: () => void;
}

export class SimLink {
  readonly #parts: SimLinkParts;
  #isCut = false;
  #upUntil = 0;
  #downUntil = 0;

  constructor(parts: SimLinkParts) {
    this.#parts = parts;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  up(bytes: Uint8Array): void {
    const { random, faults } = this.#parts;
    if (this.#isCut || random.chance(faults.dropUp)) return;
    const copies = random.chance(faults.duplicateUp) ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      const at = this.#arrival(this.#upUntil, random.chance(faults.reorderUp) || i > 0);
      this.#upUntil = Math.max(this.#upUntil, at);
      this.#deliver(at, () => this.#parts.toServer(bytes));
    }
  }

  /** `isLoose`: may be doubled or overtaken. */
  down(bytes: Uint8Array, isLoose: boolean): void {
    const { random, faults } = this.#parts;
    if (this.#isCut) return;
    if (isLoose && random.chance(faults.dropDown)) {
      this.#parts.clientMissed();
      return;
    }
    const copies = isLoose && random.chance(faults.duplicateDown) ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      // A loose frame never goes ahead of what was sent before the last strict one.
      const at = this.#arrival(this.#downUntil, false);
      const late =
        isLoose && (i > 0 || random.chance(faults.reorderDown)) ? random.below(faults.maxDelayMs + 1) : 0;
      this.#downUntil = Math.max(this.#downUntil, at);
      this.#deliver(at + late, () => this.#parts.toClient(bytes));
    }
  }

  /** Both ends lose what was on its way. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#parts.onCut();
  }

  #arrival(after: number, mayOvertake: boolean): number {
    const { clock, random, faults } = this.#parts;
    const at = clock.now() + random.below(faults.maxDelayMs + 1);
    return mayOvertake ? at : Math.max(at, after);
  }

  #deliver(at: number, deliver: () => void): void {
    this.#parts.clock.after(at - this.#parts.clock.now(), () => {
      if (!this.#isCut) deliver();
    });
  }
}
