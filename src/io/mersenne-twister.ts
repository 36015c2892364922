/** Number of words of the state. */
const size = 624;
/** Distance of the words that are mixed. */
const shift = 397;

/**
 * The random generator MT19937 (Matsumoto and Nishimura, 1998), seeded as numpy's `RandomState(seed)` is. Only for orders
 * that have to be those of Paddle.
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(size);
  #position = size;

  /** @param seed - a non-negative integer of 32 bits */
  constructor(seed: number) {
    let word = seed >>> 0;
    for (let i = 0; i < size; i++) {
      this.#state[i] = word;
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i + 1) >>> 0;
    }
  }

  /** The next unsigned 32-bit integer. */
  uint32(): number {
    if (this.#position === size) this.#advance();
    let word = this.#state[this.#position++] ?? 0;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** Shuffles the items in place, as numpy's `RandomState.shuffle` does with a list. */
  shuffle(items: unknown[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.#atMost(i);
      [items[i], items[j]] = [items[j], items[i]];
    }
  }

  /** An integer uniform in [0, bound]: words are cut to the bits of `bound`, and drawn again while they exceed it. */
  #atMost(bound: number): number {
    const mask = 0xffffffff >>> Math.clz32(bound);
    let value = this.uint32() & mask;
    while (value > bound) value = this.uint32() & mask;
    return value;
  }

  #advance(): void {
    const state = this.#state;
    for (let i = 0; i < size; i++) {
      const word = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % size] ?? 0) & 0x7fffffff);
      state[i] = (state[(i + shift) % size] ?? 0) ^ (word >>> 1) ^ (word & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }
}
