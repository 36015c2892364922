/**
 * Counter-based random numbers: a value depends only on the seed, a purpose and a few counters, never on timing,
 * on worker threads or on what was drawn before for another purpose.
 *
 * The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { InvalidArgumentError } from './errors.js';
import { checkInteger, describeValue } from './options.js';
import { cosineOf, logarithmOf, sineOf } from './word-functions.js';

/** What a stream of random numbers is for. Streams of different purposes are independent. */
export type RandomPurpose =
  'initializer' | 'shuffle' | 'augmentation' | 'dropout' | 'sampling' | 'tensor' | (string & {});

/** 32-bit FNV-1a hash of a text. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** High 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // No sum reaches 2^32, so that 32-bit integers hold all of them.
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16);
  const low = Math.imul(aLow, bHigh) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (low >>> 16)) >>> 0;
}

/**
 * One block of Philox4x32-10: four random words from a counter of four words and a key of two.
 *
 * @param words - receives the four words
 */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  words: Uint32Array,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** A sequence of random numbers that is fixed by a seed, a purpose and up to two counters. */
export class RandomStream {
  readonly #key: readonly [number, number];
  readonly #counters: readonly [number, number];
  #block = 0;
  readonly #words = new Uint32Array(4);
  #used = 4;
  #spareNormal: number | undefined;

  /**
   * @param seed - any non-negative safe integer
   * @param purpose - streams of different purposes are independent
   * @param counters - up to two counters, such as epoch and sample index; each an unsigned 32-bit integer
   */
  constructor(seed: number, purpose: RandomPurpose, ...counters: number[]) {
    if (counters.length > 2)
      throw new InvalidArgumentError(`counters must be at most two numbers, got ${describeValue(counters)}`);
    const high = Math.floor(seed / 0x100000000);
    this.#key = [seed >>> 0, (hashText(purpose) ^ Math.imul(high, 0x9e3779b1)) >>> 0];
    this.#counters = [(counters[0] ?? 0) >>> 0, (counters[1] ?? 0) >>> 0];
  }

  /** What the words follow from: the key of Philox, and the upper half of the counter. The lower half counts blocks of four words. */
  get origin(): { readonly key: readonly [number, number]; readonly counter: readonly [number, number] } {
    return { key: this.#key, counter: this.#counters };
  }

  /** The next unsigned 32-bit integer. */
  uint32(): number {
    if (this.#used === 4) {
      const block = this.#block++;
      philox(block >>> 0, Math.floor(block / 0x100000000), ...this.#counters, ...this.#key, this.#words);
      this.#used = 0;
    }
    return this.#words[this.#used++] ?? 0;
  }

  /** A number uniform in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
    return low + (high - low) * unit;
  }

  /** An integer uniform in [0, bound). */
  integer(bound: number): number {
    // Words at or above the largest multiple of `bound` are drawn again, so that every value is equally likely.
    const limit = 0x100000000 - (0x100000000 % bound);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % bound;
  }

  /** A normally distributed number (Box and Muller, 1958). */
  normal(mean = 0, std = 1): number {
    let unit = this.#spareNormal;
    if (unit === undefined) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      const angle = 2 * Math.PI * this.uniform();
      unit = radius * Math.cos(angle);
      this.#spareNormal = radius * Math.sin(angle);
    } else {
      this.#spareNormal = undefined;
    }
    return mean + std * unit;
  }

  /** Logarithm of a number from the gamma distribution (Marsaglia and Tsang, 2000). */
  #logGamma(shape: number): number {
    const d = shape + 1 - 1 / 3;
    for (;;) {
      const x = this.normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      const chance = 1 - this.uniform();
      if (v <= 0 || Math.log(chance) >= (x * x) / 2 + d - d * v + d * Math.log(v)) continue;
      // Gamma(shape) is Gamma(shape + 1) times a power of a uniform number.
      return Math.log(d * v) + Math.log(1 - this.uniform()) / shape;
    }
  }

  /** A number in [0, 1] from the beta distribution; both parameters are above 0. */
  beta(a: number, b: number): number {
    const first = this.#logGamma(a);
    return 1 / (1 + Math.exp(this.#logGamma(b) - first));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Fills `target` with numbers uniform in [low, high). */
  fillUniform(target: Float32Array, low = 0, high = 1): Float32Array {
    const scale = (high - low) / 0x100000000;
    for (let i = 0; i < target.length; i++) target[i] = low + scale * (this.uint32() + 0.5);
    return target;
  }

  /** Fills `target` with normally distributed numbers (Box and Muller, 1958). */
  fillNormal(target: Float32Array, mean = 0, std = 1): Float32Array {
    for (let i = 0; i < target.length; i += 2) {
      const radius = std * Math.sqrt(-2 * logarithmOf(this.uint32()));
      const word = this.uint32();
      target[i] = mean + radius * cosineOf(word);
      if (i + 1 < target.length) target[i + 1] = mean + radius * sineOf(word);
    }
    return target;
  }

  /** The numbers 0 to length - 1 in random order (Fisher and Yates). */
  permutation(length: number): number[] {
    const order = Array.from({ length }, (_, index) => index);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
    return order;
  }
}

/** The library's random state: the seed, and how many streams each purpose has handed out. */
export interface RandomState {
  readonly seed: number;
  readonly counters: Readonly<Record<string, number>>;
}

let currentSeed = randomBytes(4).readUInt32LE();
let counters: Record<string, number> = {};

/**
 * Sets the seed of all random numbers of the library, as `paddle.seed`. Without a call each process draws its own.
 *
 * @param value - a non-negative integer
 */
export function seed(value: number): void {
  currentSeed = checkInteger('seed', value, 0);
  counters = {};
}

/** The seed in force. */
export function getSeed(): number {
  return currentSeed;
}

/** A part of the work with streams of its own. */
interface StreamScope {
  readonly name: string;
  readonly step: number;
  readonly counters: Record<string, number>;
}

const scopes = new AsyncLocalStorage<StreamScope>();

let streamsDrawn = 0;

/** How many streams {@link nextStream} has handed out. */
export function countStreams(): number {
  return streamsDrawn;
}

/**
 * The next stream of a purpose: the first call after {@link seed} gives stream 0, the second stream 1, and so on. Within
 * {@link inStreamScope} the scope counts by itself.
 */
export function nextStream(purpose: RandomPurpose): RandomStream {
  streamsDrawn++;
  const scope = scopes.getStore();
  const counts = scope?.counters ?? counters;
  const count = counts[purpose] ?? 0;
  counts[purpose] = count + 1;
  if (scope === undefined) return new RandomStream(currentSeed, purpose, count);
  return new RandomStream(currentSeed, `${purpose}/${scope.name}`, scope.step, count);
}

/**
 * Runs a function in which the streams of {@link nextStream} depend on the seed, `name` and `step` alone, not on what else
 * draws streams meanwhile. This holds for the whole of an asynchronous function.
 *
 * @param name - tells the scopes of several runs apart
 * @param step - number of the step within the run
 */
export function inStreamScope<Args extends unknown[], T>(
  name: string,
  step: number,
  fn: (...args: Args) => T,
  ...args: Args
): T {
  return scopes.run({ name, step, counters: {} }, fn, ...args);
}

/** The state to hand to {@link setRandomState} later, for instance after resuming a run. */
export function getRandomState(): RandomState {
  return { seed: currentSeed, counters: { ...counters } };
}

/** Restores a state of {@link getRandomState}. */
export function setRandomState(state: RandomState): void {
  currentSeed = checkInteger('state.seed', state.seed, 0);
  counters = { ...state.counters };
}
