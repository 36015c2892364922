/**
 * Initialisers that draw random numbers.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { sizeOf } from '../../common/ndarray.js';
import { checkNumber, checkOptions } from '../../common/options.js';
import { nextStream, type RandomStream } from '../../common/random.js';
import type { Distribution } from '../../engine/index.js';
import { Drawn } from './drawn.js';
import { Initializer } from './initializer.js';

/** Options of {@link Uniform}. */
export interface UniformOptions {
  /** Lower bound. @defaultValue -1 */
  readonly low?: number;
  /** Upper bound. @defaultValue 1 */
  readonly high?: number;
}

/** Uniformly distributed in [low, high). */
export class Uniform extends Drawn {
  /** Lower bound. */
  readonly low: number;
  /** Upper bound. */
  readonly high: number;

  constructor(options: UniformOptions = {}) {
    super();
    checkOptions('Uniform', options, ['low', 'high']);
    this.low = checkNumber('low', options.low ?? -1);
    this.high = checkNumber('high', options.high ?? 1, this.low);
  }

  /** @hidden */
  protected distribution(): Distribution {
    return { kind: 'uniform', low: this.low, high: this.high };
  }
}

/** Options of {@link Normal}. */
export interface NormalOptions {
  /** Mean. @defaultValue 0 */
  readonly mean?: number;
  /** Standard deviation. @defaultValue 1 */
  readonly std?: number;
}

/** Normally distributed. */
export class Normal extends Drawn {
  /** Mean. */
  readonly mean: number;
  /** Standard deviation. */
  readonly std: number;

  constructor(options: NormalOptions = {}) {
    super();
    checkOptions('Normal', options, ['mean', 'std']);
    this.mean = checkNumber('mean', options.mean ?? 0);
    this.std = checkNumber('std', options.std ?? 1, 0);
  }

  /** @hidden */
  protected distribution(): Distribution {
    return { kind: 'normal', mean: this.mean, std: this.std };
  }
}

/**
 * A number of the standard normal distribution between two bounds (Robert, "Simulation of truncated normal variables",
 * 1995): normal numbers when most of them fall between the bounds, else uniform ones that are accepted by their density.
 */
function drawTruncated(stream: RandomStream, low: number, high: number): number {
  if (low <= 0 && high >= 0 && high - low > Math.sqrt(2 * Math.PI)) {
    for (;;) {
      const value = stream.normal();
      if (value >= low && value <= high) return value;
    }
  }
  const likeliest = Math.min(Math.max(0, low), high);
  for (;;) {
    // Beyond twelve deviations from the likeliest value nothing is ever drawn.
    const value = stream.uniform(Math.max(low, likeliest - 12), Math.min(high, likeliest + 12));
    if (stream.chance(Math.exp((likeliest * likeliest - value * value) / 2))) return value;
  }
}

/** Options of {@link TruncatedNormal}. */
export interface TruncatedNormalOptions extends NormalOptions {
  /** Lower bound. @defaultValue -2 */
  readonly a?: number;
  /** Upper bound. @defaultValue 2 */
  readonly b?: number;
}

/** Normally distributed between `a` and `b`. */
export class TruncatedNormal extends Initializer {
  /** Mean. */
  readonly mean: number;
  /** Standard deviation. */
  readonly std: number;
  /** Lower bound. */
  readonly a: number;
  /** Upper bound. */
  readonly b: number;

  constructor(options: TruncatedNormalOptions = {}) {
    super();
    checkOptions('TruncatedNormal', options, ['mean', 'std', 'a', 'b']);
    this.mean = checkNumber('mean', options.mean ?? 0);
    this.std = checkNumber('std', options.std ?? 1, 0);
    this.a = checkNumber('a', options.a ?? -2);
    this.b = checkNumber('b', options.b ?? 2);
    if (this.b <= this.a) throw new InvalidArgumentError(`b must be greater than a, got ${this.b} and ${this.a}`);
  }

  values(shape: readonly number[]): Float32Array {
    const stream = nextStream('initializer');
    const low = (this.a - this.mean) / this.std;
    const high = (this.b - this.mean) / this.std;
    return Float32Array.from({ length: sizeOf(shape) }, () => {
      return this.std === 0 ? this.mean : this.mean + this.std * drawTruncated(stream, low, high);
    });
  }
}
