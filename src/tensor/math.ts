/**
 * Arithmetic and reductions.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkOptions } from '../common/options.js';
import { checkAxis } from './manipulation.js';
import { binary } from './operands.js';

/** Options of reductions. */
export interface ReduceOptions {
  /** Axis or axes to reduce; all of them when omitted. */
  readonly axis?: number | readonly number[] | null;
  /** Keep reduced axes with length one. @defaultValue false */
  readonly keepdim?: boolean;
}

/** Options of a reduction, or its axis alone. */
export type ReduceArgument = ReduceOptions | number | readonly number[];

/** The axes, all of them when undefined, and whether to keep them. */
export function reduceArguments(
  name: string,
  x: Tensor,
  argument: ReduceArgument | undefined,
): [number[] | undefined, boolean] {
  const options =
    typeof argument === 'number' || Array.isArray(argument)
      ? { axis: argument as number | readonly number[] }
      : (argument as ReduceOptions | undefined);
  checkOptions(name, options, ['axis', 'keepdim']);
  const { axis, keepdim = false } = options ?? {};
  const axes = axis === undefined || axis === null ? undefined : [axis].flat();
  return [axes?.map((one) => checkAxis('axis', one, x.rank)), keepdim];
}

/** Arithmetic mean over axes, or over all elements. */
export function mean(x: Tensor, options?: ReduceArgument): Tensor {
  return tf.mean(x, ...reduceArguments('mean', x, options));
}

/** Sum over axes, or over all elements. */
export function sum(x: Tensor, options?: ReduceArgument): Tensor {
  return tf.sum(x, ...reduceArguments('sum', x, options));
}

/** Largest element over axes, or of all. */
export function max(x: Tensor, options?: ReduceArgument): Tensor {
  return tf.max(x, ...reduceArguments('max', x, options));
}

/** Smallest element over axes, or of all. */
export function min(x: Tensor, options?: ReduceArgument): Tensor {
  return tf.min(x, ...reduceArguments('min', x, options));
}

function argReduce(
  name: string,
  x: Tensor,
  argument: ArgReduceOptions | number | undefined,
  reduce: typeof tf.argMax,
): Tensor {
  const options = typeof argument === 'number' ? { axis: argument } : (argument ?? {});
  checkOptions(name, options, ['axis', 'keepdim']);
  const { axis, keepdim = false } = options;
  return tf.tidy(() => {
    if (axis === undefined || axis === null) {
      const place = reduce(tf.reshape(x, [-1]), 0);
      return keepdim
        ? tf.reshape(
            place,
            x.shape.map(() => 1),
          )
        : place;
    }
    const along = checkAxis('axis', axis, x.rank);
    const places: Tensor = reduce(x, along);
    return keepdim ? tf.expandDims(places, along) : places;
  });
}

/** Options of {@link argmax} and {@link argmin}. */
export interface ArgReduceOptions {
  /** The axis; without it the place in the flattened tensor is given. @defaultValue null */
  readonly axis?: number | null;
  /** Keep the axis with length one. @defaultValue false */
  readonly keepdim?: boolean;
}

/** Index of the largest element along an axis, or in the flattened tensor, int32. */
export function argmax(x: Tensor, options?: ArgReduceOptions | number): Tensor {
  return argReduce('argmax', x, options, tf.argMax);
}

/** Index of the smallest element along an axis, or in the flattened tensor, int32. */
export function argmin(x: Tensor, options?: ArgReduceOptions | number): Tensor {
  return argReduce('argmin', x, options, tf.argMin);
}

/** `x + y`, broadcasting. */
export function add(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.add, x, y);
}

/** `x - y`, broadcasting. */
export function subtract(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.sub, x, y);
}

/** `x * y`, broadcasting. */
export function multiply(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.mul, x, y);
}

/** `x / y`, broadcasting. */
export function divide(x: Tensor, y: Tensor | number): Tensor {
  return tf.div(x, y);
}

/** `x` to the power `y`, broadcasting. */
export function pow(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.pow, x, y);
}

/** Options of {@link matmul}. */
export interface MatmulOptions {
  /** Swap the last two axes of `x`. @defaultValue false */
  readonly transposeX?: boolean;
  /** Swap the last two axes of `y`. @defaultValue false */
  readonly transposeY?: boolean;
}

/** Matrix product of the last two axes; earlier axes are a batch and broadcast. */
export function matmul(x: Tensor, y: Tensor, options: MatmulOptions = {}): Tensor {
  checkOptions('matmul', options, ['transposeX', 'transposeY']);
  return tf.matMul(x, y, options.transposeX ?? false, options.transposeY ?? false);
}

/** Absolute value of each element. */
export function abs(x: Tensor): Tensor {
  // The gradient of tf.abs is -1 at 0.
  return tf.tidy(() => tf.mul(x, tf.sign(x)));
}

/** Exponential of each element. */
export function exp(x: Tensor): Tensor {
  return tf.exp(x);
}

/** Natural logarithm of each element. */
export function log(x: Tensor): Tensor {
  return tf.log(x);
}

/** Square root of each element. */
export function sqrt(x: Tensor): Tensor {
  return tf.sqrt(x);
}

/** Square of each element. */
export function square(x: Tensor): Tensor {
  return tf.square(x);
}

/** Options of {@link clip}. */
export interface ClipOptions {
  /** Lower bound. @defaultValue -Infinity */
  readonly min?: number;
  /** Upper bound. @defaultValue Infinity */
  readonly max?: number;
}

/** Each element, moved into [min, max]. */
export function clip(x: Tensor, options: ClipOptions = {}): Tensor {
  checkOptions('clip', options, ['min', 'max']);
  return tf.clipByValue(x, options.min ?? -Infinity, options.max ?? Infinity);
}
