/**
 * Bilinear maps.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { checkOptions } from '../../common/options.js';

/**
 * `x1 W_k x2 + b_k` for each output k.
 *
 * @param x1 - [N, in1]
 * @param x2 - [N, in2]
 * @param weight - [out, in1, in2]
 * @param options - `bias`: [1, out], or null. @defaultValue null
 * @returns [N, out]
 */
export function bilinear(
  x1: Tensor,
  x2: Tensor,
  weight: Tensor,
  options: { readonly bias?: Tensor | null } = {},
): Tensor {
  checkOptions('bilinear', options, ['bias']);
  const [outputs = 0, in1 = 0, in2 = 0] = weight.shape;
  if (x1.rank !== 2 || x2.rank !== 2 || x1.shape[0] !== x2.shape[0] || x1.shape[1] !== in1 || x2.shape[1] !== in2) {
    throw new ShapeMismatchError(
      `bilinear with a weight [${weight.shape.join(', ')}] takes inputs [N, ${in1}] and [N, ${in2}], got [${x1.shape.join(', ')}] and [${x2.shape.join(', ')}]`,
    );
  }
  return tf.tidy(() => {
    const map = tf.reshape(tf.transpose(weight, [1, 0, 2]), [in1, outputs * in2]);
    const rows = tf.reshape(tf.matMul(x1, map), [-1, outputs, in2]);
    const y = tf.sum(tf.mul(rows, tf.expandDims(x2, 1)), 2);
    return options.bias ? tf.add(y, options.bias) : y;
  });
}
