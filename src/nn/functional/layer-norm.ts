/**
 * Normalisation of each sample by itself.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { sameShape, sizeOf } from '../../common/ndarray.js';
import { checkInteger, checkNumber, checkOptions } from '../../common/options.js';

/** `(x - mean) / sqrt(variance + epsilon)` over axes. */
function standardize(x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const centred = tf.sub(x, tf.mean(x, [...axes], true));
  const variance = tf.mean(tf.square(centred), [...axes], true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
}

/** `x * weight + bias`, each if there is one, reshaped. */
function affine(x: Tensor, weight: Tensor | null, bias: Tensor | null, shape: readonly number[]): Tensor {
  const scaled = weight ? tf.mul(x, tf.reshape(weight, [...shape])) : x;
  return bias ? tf.add(scaled, tf.reshape(bias, [...shape])) : scaled;
}

/** Options of {@link layerNorm}. */
export interface LayerNormFunctionOptions {
  /** Factor of each element, as many as `normalizedShape` holds. @defaultValue null */
  readonly weight?: Tensor | null;
  /** Summand of each element. @defaultValue null */
  readonly bias?: Tensor | null;
  /** Added to the variance. @defaultValue 1e-5 */
  readonly epsilon?: number;
}

/** The last axes that a `normalizedShape` names, checked. */
function lastAxes(where: string, x: Tensor, normalizedShape: number | readonly number[]): number[] {
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  const first = x.rank - shape.length;
  if (first < 0 || !sameShape(x.shape.slice(first), shape)) {
    throw new ShapeMismatchError(
      `${where} over the last axes [${shape.join(', ')}] got an input of shape [${x.shape.join(', ')}]`,
    );
  }
  return shape.map((_, index) => first + index);
}

/** Throws unless a factor or summand has one value for each element. */
function checkSize(where: string, name: string, vector: Tensor | null | undefined, size: number): Tensor | null {
  if (vector == null || vector.size === size) return vector ?? null;
  throw new ShapeMismatchError(`${where} needs a ${name} of ${size} elements, got shape [${vector.shape.join(', ')}]`);
}

/**
 * Normalises the last axes: `(x - mean) / sqrt(variance + epsilon) * weight + bias` (Ba et al., 2016).
 *
 * @param x - [..., normalizedShape]
 * @param normalizedShape - lengths of the axes
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  options: LayerNormFunctionOptions = {},
): Tensor {
  checkOptions('layerNorm', options, ['weight', 'bias', 'epsilon']);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 1e-5, 0);
  const axes = lastAxes('layerNorm', x, normalizedShape);
  const shape = axes.map((axis) => x.shape[axis] ?? 1);
  const weight = checkSize('layerNorm', 'weight', options.weight, sizeOf(shape));
  const bias = checkSize('layerNorm', 'bias', options.bias, sizeOf(shape));
  return tf.tidy(() => affine(standardize(x, axes, epsilon), weight, bias, shape));
}

/** Options of {@link rmsNorm}. */
export interface RmsNormOptions {
  /** Factor of each element, as many as `normalizedShape` holds. @defaultValue null */
  readonly weight?: Tensor | null;
  /** Added to the mean square. @defaultValue 1e-5 */
  readonly eps?: number;
}

/** Divides by the root of the mean square over the last axes (Zhang and Sennrich, 2019). */
export function rmsNorm(
  input: Tensor,
  normalizedShape: number | readonly number[],
  options: RmsNormOptions = {},
): Tensor {
  checkOptions('rmsNorm', options, ['weight', 'eps']);
  const eps = checkNumber('eps', options.eps ?? 1e-5, 0);
  const axes = lastAxes('rmsNorm', input, normalizedShape);
  const shape = axes.map((axis) => input.shape[axis] ?? 1);
  const weight = checkSize('rmsNorm', 'weight', options.weight, sizeOf(shape));
  return tf.tidy(() => {
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(input), axes, true), eps));
    return affine(tf.mul(input, inverse), weight, null, shape);
  });
}

/** Runs an operation on [N, C, ...], whatever order the caller has the axes in. */
function channelsSecond(x: Tensor, dataFormat: string, operation: (x: Tensor) => Tensor): Tensor {
  if (!dataFormat.endsWith('C') || x.rank < 3) return operation(x);
  const axes = [...x.shape.keys()];
  const second = [0, x.rank - 1, ...axes.slice(1, -1)];
  return tf.transpose(operation(tf.transpose(x, second)), [0, ...axes.slice(2), 1]);
}

/** Options of {@link groupNorm}. */
export interface GroupNormFunctionOptions extends LayerNormFunctionOptions {
  /** Whether channels are the second or the last axis. @defaultValue 'NCHW' */
  readonly dataFormat?: string;
}

/**
 * Normalises groups of channels of each sample (Wu and He, 2018).
 *
 * @param x - [N, C, ...]
 * @param numGroups - number of groups, divides C
 * @param options - `weight` and `bias` hold a value for each channel, [C]
 */
export function groupNorm(x: Tensor, numGroups: number, options: GroupNormFunctionOptions = {}): Tensor {
  checkOptions('groupNorm', options, ['weight', 'bias', 'epsilon', 'dataFormat']);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 1e-5, 0);
  checkInteger('numGroups', numGroups, 1);
  return tf.tidy(() =>
    channelsSecond(x, options.dataFormat ?? 'NCHW', (input) => {
      const [batch = 0, channels = 0, ...places] = input.shape;
      if (input.rank < 2 || channels % numGroups !== 0) {
        throw new ShapeMismatchError(
          `groupNorm of ${numGroups} groups needs channels that they divide, got an input [${x.shape.join(', ')}]`,
        );
      }
      const weight = checkSize('groupNorm', 'weight', options.weight, channels);
      const bias = checkSize('groupNorm', 'bias', options.bias, channels);
      const normal = standardize(tf.reshape(input, [batch, numGroups, -1]), [2], epsilon);
      return affine(tf.reshape(normal, input.shape), weight, bias, [channels, ...places.map(() => 1)]);
    }),
  );
}

/** Options of {@link instanceNorm}. */
export interface InstanceNormFunctionOptions {
  /** Accepted for compatibility: as in Paddle, running statistics are not used. @defaultValue null */
  readonly runningMean?: Tensor | null;
  /** Accepted for compatibility. @defaultValue null */
  readonly runningVar?: Tensor | null;
  /** Factor of each channel, [C]. @defaultValue null */
  readonly weight?: Tensor | null;
  /** Summand of each channel, [C]. @defaultValue null */
  readonly bias?: Tensor | null;
  /** Accepted for compatibility: the statistics are always those of the input. @defaultValue true */
  readonly useInputStats?: boolean;
  /** Accepted for compatibility. @defaultValue 0.9 */
  readonly momentum?: number;
  /** Added to the variance. @defaultValue 1e-5 */
  readonly eps?: number;
  /** Whether channels are the second or the last axis. @defaultValue 'NCHW' */
  readonly dataFormat?: string;
}

/** Normalises each channel of each sample (Ulyanov et al., 2016). @param x - [N, C, ...] */
export function instanceNorm(x: Tensor, options: InstanceNormFunctionOptions = {}): Tensor {
  checkOptions('instanceNorm', options, [
    'runningMean',
    'runningVar',
    'weight',
    'bias',
    'useInputStats',
    'momentum',
    'eps',
    'dataFormat',
  ]);
  const eps = checkNumber('eps', options.eps ?? 1e-5, 0);
  return tf.tidy(() =>
    channelsSecond(x, options.dataFormat ?? 'NCHW', (input) => {
      const [, channels = 0, ...places] = input.shape;
      if (input.rank < 3) {
        throw new ShapeMismatchError(`instanceNorm takes an input [N, C, ...], got shape [${x.shape.join(', ')}]`);
      }
      const weight = checkSize('instanceNorm', 'weight', options.weight, channels);
      const bias = checkSize('instanceNorm', 'bias', options.bias, channels);
      const axes = places.map((_, index) => index + 2);
      return affine(standardize(input, axes, eps), weight, bias, [channels, ...places.map(() => 1)]);
    }),
  );
}

/** Options of {@link localResponseNorm}. */
export interface LocalResponseNormOptions {
  /** Factor on the mean of the squares. @defaultValue 1e-4 */
  readonly alpha?: number;
  /** Exponent. @defaultValue 0.75 */
  readonly beta?: number;
  /** Summand. @defaultValue 1 */
  readonly k?: number;
  /** Whether channels are the second or the last axis. @defaultValue 'NCHW' */
  readonly dataFormat?: string;
}

/** Names of {@link LocalResponseNormOptions}. */
export const localResponseNormOptionNames = ['alpha', 'beta', 'k', 'dataFormat'];

/**
 * `x / (k + alpha mean(x^2))^beta`, where the mean is over `size` neighbouring channels (Krizhevsky et al., 2012).
 *
 * @param x - [N, C, ...]
 * @param size - number of channels in a window; those beyond the first and last count as zeros
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  checkOptions('localResponseNorm', options, localResponseNormOptionNames);
  checkInteger('size', size, 1);
  const alpha = checkNumber('alpha', options.alpha ?? 1e-4);
  const beta = checkNumber('beta', options.beta ?? 0.75);
  const k = checkNumber('k', options.k ?? 1);
  if (x.rank < 3) {
    throw new ShapeMismatchError(`localResponseNorm takes an input [N, C, ...], got shape [${x.shape.join(', ')}]`);
  }
  return tf.tidy(() =>
    channelsSecond(x, options.dataFormat ?? 'NCHW', (input) => {
      const before = Math.floor(size / 2);
      const sides = input.shape.map((_, axis) => (axis === 1 ? [before, size - 1 - before] : [0, 0]));
      const squares = tf.pad(tf.square(input), sides as [number, number][]);
      const begins = Array.from({ length: size }, (_, first) => input.shape.map((_, axis) => (axis === 1 ? first : 0)));
      const total = tf.addN(begins.map((begin) => tf.slice(squares, begin, input.shape)));
      return tf.div(input, tf.pow(tf.add(tf.mul(total, alpha / size), k), beta));
    }),
  );
}
