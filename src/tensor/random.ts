/**
 * Tensors of random numbers, fixed by `seed`.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { sizeOf } from '../common/ndarray.js';
import { checkInteger, checkNumber, checkOptions } from '../common/options.js';
import { nextStream, RandomStream } from '../common/random.js';
import { randomTensor } from '../engine/index.js';
import { checkShape } from './operands.js';

/** Options of {@link uniform}. */
export interface UniformOptions {
  /** Lower bound, included. @defaultValue -1 */
  readonly min?: number;
  /** Upper bound. @defaultValue 1 */
  readonly max?: number;
  /** Seed of these numbers alone; 0 for the common one. @defaultValue 0 */
  readonly seed?: number;
}

/** Numbers uniform in [min, max). */
export function uniform(shape: readonly number[], options: UniformOptions = {}): Tensor {
  checkOptions('uniform', options, ['min', 'max', 'seed']);
  const lengths = checkShape('shape', shape);
  const min = checkNumber('min', options.min ?? -1);
  const max = checkNumber('max', options.max ?? 1, min);
  const seed = checkInteger('seed', options.seed ?? 0, 0);
  const stream = seed === 0 ? nextStream('tensor') : new RandomStream(seed, 'tensor');
  return randomTensor(lengths, { kind: 'uniform', low: min, high: max }, stream);
}

/** Options of {@link normal}. */
export interface NormalOptions {
  /** Expected value of all numbers. @defaultValue 0 */
  readonly mean?: number;
  /** Standard deviation, at least 0. @defaultValue 1 */
  readonly std?: number;
  /** Shape of the result. @defaultValue [] */
  readonly shape?: readonly number[];
}

/** Normally distributed numbers. */
export function normal(options: NormalOptions = {}): Tensor {
  checkOptions('normal', options, ['mean', 'std', 'shape']);
  const lengths = checkShape('shape', options.shape ?? []);
  const mean = checkNumber('mean', options.mean ?? 0);
  const std = checkNumber('std', options.std ?? 1, 0);
  return randomTensor(lengths, { kind: 'normal', mean, std }, nextStream('tensor'));
}

/** Numbers of the standard normal distribution, as `randn`. */
export function standardNormal(shape: readonly number[]): Tensor {
  return normal({ shape });
}

/** Options of {@link randint}. */
export interface RandintOptions {
  /** Smallest number; without `high` the bound, with 0 as the smallest. @defaultValue 0 */
  readonly low?: number;
  /** Bound, itself excluded. @defaultValue null */
  readonly high?: number | null;
  /** Shape of the result. @defaultValue [1] */
  readonly shape?: readonly number[];
}

/** Whole numbers uniform in [low, high), int32. */
export function randint(options: RandintOptions = {}): Tensor {
  checkOptions('randint', options, ['low', 'high', 'shape']);
  const first = checkInteger('low', options.low ?? 0);
  const [low, high] = options.high == null ? [0, first] : [first, checkInteger('high', options.high)];
  if (high <= low) throw new InvalidArgumentError(`high must be greater than low, got ${high} and ${low}`);
  const shape = checkShape('shape', options.shape ?? [1]);
  const stream = nextStream('tensor');
  const values = Int32Array.from({ length: sizeOf(shape) }, () => low + stream.integer(high - low));
  return tf.tensor(values, shape, 'int32');
}

/** The numbers from 0 to n - 1 in random order, int32 [n]. */
export function randperm(n: number): Tensor {
  return tf.tensor1d(nextStream('tensor').permutation(checkInteger('n', n, 0)), 'int32');
}

/** Zeros and ones, each 1 with the probability that `x` holds for it. */
export function bernoulli(x: Tensor): Tensor {
  const stream = nextStream('tensor');
  const draws = Float32Array.from(x.dataSync(), (probability: number) => Number(stream.uniform() < probability));
  return tf.tensor(draws, x.shape);
}
