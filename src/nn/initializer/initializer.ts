/**
 * Base of the initialisers.
 *
 * @module
 */
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
