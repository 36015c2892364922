/**
 * Functions that change the shape, order or type of tensors.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sizeOf } from '../common/ndarray.js';
import { checkInteger, checkOptions, describeValue } from '../common/options.js';
import { tensorDType, type TensorDType } from './dtype.js';

/** A negative axis counted from the end; -1 is the last of `rank` axes. */
export function checkAxis(name: string, axis: number, rank: number): number {
  checkInteger(name, axis);
  if (axis < -rank || axis >= Math.max(rank, 1)) {
    throw new InvalidArgumentError(
      `${name} must lie between ${-rank} and ${rank - 1} for a tensor of ${rank} axes, got ${axis}`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/**
 * The same elements under another shape.
 *
 * @param shape - lengths of the axes; 0 takes over the length of the same axis of `x`, one -1 is what is left
 * @throws `ShapeMismatchError` when the number of elements differs
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const lengths = shape.map((length, axis) => {
    checkInteger(`shape[${axis}]`, length, -1);
    return length === 0 ? (x.shape[axis] ?? 0) : length;
  });
  const open = lengths.indexOf(-1);
  if (open !== lengths.lastIndexOf(-1)) {
    throw new InvalidArgumentError(`shape may hold one -1, got ${describeValue([...shape])}`);
  }
  if (open >= 0) lengths[open] = x.size / -sizeOf(lengths);
  if (!lengths.every(Number.isInteger) || sizeOf(lengths) !== x.size) {
    throw new ShapeMismatchError(
      `a tensor of shape [${x.shape.join(', ')}] cannot be reshaped to [${shape.join(', ')}]`,
    );
  }
  return tf.reshape(x, lengths);
}

/** Options of {@link flatten}. */
export interface FlattenOptions {
  /** First axis to join. @defaultValue 0 */
  readonly startAxis?: number;
  /** Last axis to join. @defaultValue -1 */
  readonly stopAxis?: number;
}

/** Joins the axes from `startAxis` to `stopAxis` into one. */
export function flatten(x: Tensor, options: FlattenOptions = {}): Tensor {
  checkOptions('flatten', options, ['startAxis', 'stopAxis']);
  const start = checkAxis('startAxis', options.startAxis ?? 0, x.rank);
  const stop = checkAxis('stopAxis', options.stopAxis ?? -1, x.rank);
  if (stop < start) throw new InvalidArgumentError(`stopAxis must not be before startAxis, got ${stop} and ${start}`);
  const joined = sizeOf(x.shape.slice(start, stop + 1));
  return tf.reshape(x, [...x.shape.slice(0, start), joined, ...x.shape.slice(stop + 1)]);
}

/** The axes in the order of `perm`, which holds each axis of `x` once. */
export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  const axes = perm.map((axis, index) => checkAxis(`perm[${index}]`, axis, x.rank));
  if (new Set(axes).size !== x.rank || axes.length !== x.rank) {
    throw new InvalidArgumentError(`perm must hold each of the ${x.rank} axes once, got ${describeValue([...perm])}`);
  }
  return tf.transpose(x, axes);
}

/** Without axes of length one: all of them, or those given. */
export function squeeze(x: Tensor, axis?: number | readonly number[]): Tensor {
  const axes = axis === undefined ? undefined : [axis].flat().map((one) => checkAxis('axis', one, x.rank));
  const shape = x.shape.filter((length, index) => length !== 1 || (axes !== undefined && !axes.includes(index)));
  return tf.reshape(x, shape);
}

/** With a new axis of length one before `axis`. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  return tf.expandDims(x, checkAxis('axis', axis, x.rank + 1));
}

/** Joins tensors along an axis; all other axes must be equally long. */
export function concat(x: readonly Tensor[], axis = 0): Tensor {
  const [first] = x;
  if (first === undefined) throw new InvalidArgumentError('concat needs at least one tensor');
  const along = checkAxis('axis', axis, first.rank);
  for (const tensor of x) {
    const fits =
      tensor.rank === first.rank && tensor.shape.every((length, i) => i === along || length === first.shape[i]);
    if (fits) continue;
    throw new ShapeMismatchError(
      `tensors of shapes [${first.shape.join(', ')}] and [${tensor.shape.join(', ')}] cannot be joined along axis ${along}`,
    );
  }
  return tf.concat([...x], along);
}

/** Joins tensors of equal shape along a new axis. */
export function stack(x: readonly Tensor[], axis = 0): Tensor {
  const [first] = x;
  if (first === undefined) throw new InvalidArgumentError('stack needs at least one tensor');
  return tf.stack([...x], checkAxis('axis', axis, first.rank + 1));
}

/** Cuts a tensor along an axis into equal parts, or into parts of the given lengths. */
export function split(x: Tensor, numOrSections: number | readonly number[], axis = 0): Tensor[] {
  const along = checkAxis('axis', axis, x.rank);
  return tf.split(x, typeof numOrSections === 'number' ? numOrSections : [...numOrSections], along);
}

/** The values as another element type. */
export function cast(x: Tensor, dtype: TensorDType): Tensor {
  return tf.cast(x, tensorDType(dtype));
}
