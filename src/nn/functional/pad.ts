/**
 * Padding with what the image holds.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';

/** Where padded elements come from: mirrored without the edge, the edge, or the other end. */
export type PadMode = 'reflect' | 'replicate' | 'circular';

/** Index into an axis of `length` elements for a position that may lie outside. */
function sourceIndex(position: number, length: number, mode: PadMode): number {
  if (mode === 'replicate') return Math.min(Math.max(position, 0), length - 1);
  if (mode === 'circular') return ((position % length) + length) % length;
  if (position < 0) return -position;
  return position < length ? position : 2 * (length - 1) - position;
}

/** Extends one axis by `before` and `after` elements taken from itself. */
export function padAxis(x: Tensor, axis: number, before: number, after: number, mode: PadMode): Tensor {
  const length = x.shape[axis] ?? 0;
  const limit = mode === 'reflect' ? length - 1 : mode === 'circular' ? length : Infinity;
  if (Math.max(before, after) > limit) {
    throw new ShapeMismatchError(
      `'${mode}' padding of an axis of ${length} elements must be at most ${limit}, got ${before} and ${after}`,
    );
  }
  if (before === 0 && after === 0) return x;
  const indices = Int32Array.from({ length: before + length + after }, (_, i) => sourceIndex(i - before, length, mode));
  return tf.tidy(() => tf.gather(x, tf.tensor1d(indices, 'int32'), axis));
}
