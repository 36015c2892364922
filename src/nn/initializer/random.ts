/**
 * Initialisers that draw random numbers.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { sizeOf } from '../../common/ndarray.js';
import { checkNumber, checkOptions } from '../../common/options.js';
import { nextStream } from '../../common/random.js';
import { Initializer } from './initializer.js';

const drawUniform = (shape: readonly number[], low: number, high: number) =>
  nextStream('initializer').fillUniform(new Float32Array(sizeOf(shape)), low, high);

const drawNormal = (shape: readonly number[], mean: number, std: number) =>
  nextStream('initializer').fillNormal(new Float32Array(sizeOf(shape)), mean, std);

/** Options of {@link Uniform}. */
export interface UniformOptions {
  /** Lower bound. @defaultValue -1 */
  readonly low?: number;
  /** Upper bound. @defaultValue 1 */
  readonly high?: number;
}

/** Uniformly distributed in [low, high). */
export class Uniform extends Initializer {
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

  values(shape: readonly number[]): Float32Array {
    return drawUniform(shape, this.low, this.high);
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
export class Normal extends Initializer {
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

  values(shape: readonly number[]): Float32Array {
    return drawNormal(shape, this.mean, this.std);
  }
}

/** Options of {@link TruncatedNormal}. */
export interface TruncatedNormalOptions extends NormalOptions {
  /** Lower bound in standard deviations from the mean. @defaultValue -2 */
  readonly a?: number;
  /** Upper bound in standard deviations from the mean. @defaultValue 2 */
  readonly b?: number;
}

/** Normally distributed between `mean + a * std` and `mean + b * std`; values outside are drawn again. */
export class TruncatedNormal extends Initializer {
  /** Mean. */
  readonly mean: number;
  /** Standard deviation. */
  readonly std: number;
  /** Lower bound in standard deviations. */
  readonly a: number;
  /** Upper bound in standard deviations. */
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
    return Float32Array.from({ length: sizeOf(shape) }, () => {
      let deviation = stream.normal();
      while (deviation < this.a || deviation > this.b) deviation = stream.normal();
      return this.mean + this.std * deviation;
    });
  }
}
