/**
 * Arguments of tensor functions.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkInteger, describeValue } from '../common/options.js';

/** A function of two tensors, of a tensor and a number; a whole number beside whole numbers is one itself. */
export function binary(compute: (x: Tensor, y: Tensor | number) => Tensor, x: Tensor, y: Tensor | number): Tensor {
  if (typeof y !== 'number' || x.dtype !== 'int32' || !Number.isInteger(y)) return compute(x, y);
  return tf.tidy(() => compute(x, tf.scalar(y, 'int32')));
}

/** A shape, as an array that may be changed. */
export function checkShape(name: string, shape: readonly number[], minimum = 0): number[] {
  if (!Array.isArray(shape)) {
    throw new InvalidArgumentError(`${name} must be an array of integers, got ${describeValue(shape)}`);
  }
  return shape.map((length: unknown, axis) => checkInteger(`${name}[${axis}]`, length, minimum));
}

/** The indices in a tensor of whole numbers, each at least 0 and below `length`; negative ones count from the end. */
export function readIndices(name: string, index: Tensor, length: number): Int32Array {
  return Int32Array.from(index.dataSync(), (value: number) => {
    if (!Number.isInteger(value) || value < -length || value >= length) {
      throw new InvalidArgumentError(`${name} must hold indices between ${-length} and ${length - 1}, got ${value}`);
    }
    return value < 0 ? value + length : value;
  });
}

/** Product of the lengths of the axes after each one: how far apart neighbours along it are in C order. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** The elements at places in C order, with gradients to where they come from. */
export function takeFlat(x: Tensor, places: Int32Array, shape: readonly number[]): Tensor {
  return tf.tidy(() => {
    const index = tf.tensor1d(places, 'int32');
    return tf.reshape(tf.gather(tf.reshape(x, [-1]), index), [...shape]);
  });
}
