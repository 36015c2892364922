/**
 * Power iteration for the largest singular value of a weight.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { sizeOf } from '../common/ndarray.js';

/** A weight as a matrix whose rows are the elements along an axis. */
export function toMatrix(weight: Tensor, axis: number): Tensor2D {
  const rows = weight.shape[axis] ?? 1;
  const order = [axis, ...[...weight.shape.keys()].filter((index) => index !== axis)];
  const moved = axis === 0 ? weight : tf.transpose(weight, order);
  return tf.reshape<tf.Rank.R2>(moved, [rows, sizeOf(weight.shape) / rows]);
}

/** Left and right singular vectors after some steps of power iteration (Miyato et al., 2018, algorithm 1). */
export function leadingVectors(
  matrix: Tensor2D,
  u: Tensor,
  v: Tensor,
  steps: number,
  eps: number,
): [left: Tensor, right: Tensor] {
  return tf.tidy(() => {
    const unit = (x: Tensor) => tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), eps));
    let left: Tensor = tf.reshape(u, [-1, 1]);
    let right: Tensor = tf.reshape(v, [-1, 1]);
    for (let step = 0; step < steps; step++) {
      right = unit(tf.matMul(matrix, left, true, false));
      left = unit(tf.matMul(matrix, right));
    }
    return [tf.reshape(left, [-1]), tf.reshape(right, [-1])];
  });
}
