/**
 * Functions that reduce axes, beside the sums and means of `math.ts`.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { sizeOf } from '../common/ndarray.js';
import { checkBoolean, checkOptions, describeValue } from '../common/options.js';
import { swapaxes } from './arrangement.js';
import { checkAxis } from './manipulation.js';
import { abs, max, min, reduceArguments, type ReduceArgument, type ReduceOptions } from './math.js';
import { sort } from './sorting.js';

/** Products of the rows of a matrix. The gradient of TensorFlow.js's `prod` does not run without its chained methods. */
const productOfRows = tf.customGrad((...given) => {
  const [rows, save] = given as [Tensor, tf.GradSaveFunc];
  save([rows]);
  return {
    value: tf.prod(rows, 1),
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const [values] = saved as [Tensor];
      // The product of the elements before each one, times that of those behind it.
      const others = tf.mul(tf.cumprod(values, 1, true), tf.cumprod(values, 1, true, true));
      return tf.mul(tf.expandDims(dy, 1), others);
    },
  };
});

/** Product over axes, or of all elements. */
export function prod(x: Tensor, options?: ReduceArgument): Tensor {
  const [axes = x.shape.map((_, axis) => axis), keepdim] = reduceArguments('prod', x, options);
  if (axes.length === 0) return tf.clone(x);
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return tf.tidy(() => {
    const rows = tf.reshape(tf.transpose(x, [...kept, ...axes]), [
      sizeOf(kept.map((axis) => x.shape[axis]!)),
      sizeOf(axes.map((axis) => x.shape[axis]!)),
    ]);
    const products = productOfRows(rows);
    return tf.reshape(
      products,
      keepdim ? x.shape.map((length, axis) => (kept.includes(axis) ? length : 1)) : kept.map((axis) => x.shape[axis]!),
    );
  });
}

/** Largest element over axes, or of all; as `max`. */
export function amax(x: Tensor, options?: ReduceArgument): Tensor {
  return max(x, options);
}

/** Smallest element over axes, or of all; as `min`. */
export function amin(x: Tensor, options?: ReduceArgument): Tensor {
  return min(x, options);
}

/** Options of {@link std} and {@link variance}. */
export interface VarianceOptions extends ReduceOptions {
  /** Divide by the number of elements less one (Bessel's correction). @defaultValue true */
  readonly unbiased?: boolean;
}

function varianceOf(name: string, x: Tensor, argument?: VarianceOptions | number | readonly number[]): Tensor {
  const isAxis = typeof argument === 'number' || Array.isArray(argument);
  const { unbiased = true, ...options } = isAxis
    ? { axis: argument as number | readonly number[] }
    : ((argument ?? {}) as VarianceOptions);
  const [axes, keepdim] = reduceArguments(name, x, options);
  const count = axes === undefined ? x.size : sizeOf(axes.map((axis) => x.shape[axis]!));
  const divisor = checkBoolean('unbiased', unbiased) ? count - 1 : count;
  return tf.tidy(() => {
    const deviation = tf.sub(x, tf.mean(x, axes, true));
    return tf.div(tf.sum(tf.square(deviation), axes, keepdim), divisor);
  });
}

/** Variance over axes, or of all elements. This is Paddle's `var`, which is a reserved word here; it is exported under that name, too. */
export function variance(x: Tensor, options?: VarianceOptions | number | readonly number[]): Tensor {
  return varianceOf('var', x, options);
}

/** Standard deviation over axes, or of all elements. */
export function std(x: Tensor, options?: VarianceOptions | number | readonly number[]): Tensor {
  return tf.tidy(() => tf.sqrt(varianceOf('std', x, options)));
}

/** Logarithm of the sum of exponentials over axes, or of all elements, without overflow. */
export function logsumexp(x: Tensor, options?: ReduceArgument): Tensor {
  return tf.logSumExp(x, ...reduceArguments('logsumexp', x, options));
}

/** Options of {@link cumsum}. */
export interface CumulativeOptions {
  /** The axis; without it the tensor is flattened. @defaultValue null */
  readonly axis?: number | null;
}

/** Sums of the elements up to each one along an axis. */
export function cumsum(x: Tensor, options: CumulativeOptions | number = {}): Tensor {
  const { axis } = typeof options === 'number' ? { axis: options } : options;
  checkOptions('cumsum', typeof options === 'number' ? {} : options, ['axis']);
  if (axis === undefined || axis === null) return tf.tidy(() => tf.cumsum(tf.reshape(x, [-1]), 0));
  const along = checkAxis('axis', axis, x.rank);
  // The gradient of TensorFlow.js is right for the last axis alone.
  return tf.tidy(() => swapaxes(tf.cumsum(swapaxes(x, along, -1), x.rank - 1), along, -1));
}

/** Whether all elements over axes, or of the tensor, are true. */
export function all(x: Tensor, options?: ReduceArgument): Tensor {
  return tf.tidy(() => tf.all(tf.cast(x, 'bool'), ...reduceArguments('all', x, options)));
}

/** Whether an element over axes, or of the tensor, is true. */
export function any(x: Tensor, options?: ReduceArgument): Tensor {
  return tf.tidy(() => tf.any(tf.cast(x, 'bool'), ...reduceArguments('any', x, options)));
}

/** Options of {@link median}. */
export interface MedianOptions {
  /** The axis; without it the median of all elements is given. @defaultValue null */
  readonly axis?: number | null;
  /** Keep the axis with length one. @defaultValue false */
  readonly keepdim?: boolean;
}

/** The middle one of the sorted elements along an axis, or of all; of an even number the mean of the two in the middle. */
export function median(x: Tensor, options: MedianOptions | number = {}): Tensor {
  const { axis = null, keepdim = false } = typeof options === 'number' ? { axis: options } : options;
  checkOptions('median', typeof options === 'number' ? {} : options, ['axis', 'keepdim']);
  return tf.tidy(() => {
    const source = axis === null ? tf.reshape(x, [-1]) : x;
    const along = checkAxis('axis', axis ?? 0, source.rank);
    const length = source.shape[along]!;
    if (length === 0) throw new InvalidArgumentError('median needs at least one element');
    const sorted = sort(source, { axis: along });
    const middle = [Math.floor((length - 1) / 2), Math.floor(length / 2)];
    const value = tf.mean(tf.gather(sorted, tf.tensor1d(middle, 'int32'), along), along);
    if (!keepdim) return value;
    return tf.reshape(
      value,
      x.shape.map((own, i) => (axis === null || i === along ? 1 : own)),
    );
  });
}

/** Options of {@link norm}. */
export interface NormOptions extends ReduceOptions {
  /** Order of the norm: 'fro' and 2 are the Euclidean one, also 0 and the infinities. @defaultValue 2 */
  readonly p?: number | 'fro' | null;
}

/** Vector norm over axes, or of all elements: `(sum |x|^p)^(1/p)`. */
export function norm(x: Tensor, options: NormOptions = {}): Tensor {
  const { p, ...rest } = options;
  const [axes, keepdim] = reduceArguments('norm', x, rest);
  return pNorm(x, p ?? 2, axes, keepdim);
}

function pNorm(x: Tensor, p: number | 'fro', axes: number[] | undefined, keepdim: boolean): Tensor {
  if (p !== 'fro' && (typeof p !== 'number' || Number.isNaN(p))) {
    throw new InvalidArgumentError(`p must be a number or 'fro', got ${describeValue(p)}`);
  }
  return tf.tidy(() => {
    if (p === 'fro' || p === 2) return tf.sqrt(tf.sum(tf.square(x), axes, keepdim));
    const size = abs(x);
    if (p === Infinity) return tf.max(size, axes, keepdim);
    if (p === -Infinity) return tf.min(size, axes, keepdim);
    if (p === 0) return tf.sum(tf.cast(tf.notEqual(x, 0), x.dtype), axes, keepdim);
    if (p === 1) return tf.sum(size, axes, keepdim);
    return tf.pow(tf.sum(tf.pow(size, p), axes, keepdim), 1 / p);
  });
}

/** Options of {@link dist}. */
export interface DistOptions {
  /** Order of the norm, as of {@link norm}. @defaultValue 2 */
  readonly p?: number;
}

/** Norm of the difference of two tensors, a scalar. */
export function dist(x: Tensor, y: Tensor, options: DistOptions = {}): Tensor {
  checkOptions('dist', options, ['p']);
  return tf.tidy(() => pNorm(tf.sub(x, y), options.p ?? 2, undefined, false));
}
