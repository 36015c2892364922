/**
 * Base of the initialisers.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';

/** Gives a parameter its first values. */
export abstract class Initializer {
  /**
   * The values of a parameter.
   *
   * @param shape - Paddle's shape: `[in, out]` for linear weights, `[out, in / groups, kh, kw]` for filters
   * @returns the values in C order
   */
  abstract values(shape: readonly number[]): Float32Array;

  /**
   * The values of a parameter as a tensor, which becomes the caller's.
   *
   * @internal
   */
  tensor(shape: readonly number[]): Tensor {
    return tf.tensor(this.values(shape), [...shape], 'float32');
  }
}

/**
 * Number of inputs and of outputs of a weight: `[in, out]`; for filters `in * kh * kw` and `out * kh * kw`; for one axis
 * its length.
 */
export function fansOf(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const [first = 1, second = first, ...kernel] = shape;
  if (shape.length <= 2) return { fanIn: first, fanOut: second };
  return { fanIn: second * sizeOf(kernel), fanOut: first * sizeOf(kernel) };
}
