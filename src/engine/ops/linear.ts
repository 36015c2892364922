/**
 * Linear maps.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { defineGradient, defineOperation, hasKernel, runKernel } from './dispatch.js';

/** Name of the kernel behind {@link linearMap}. */
export const linearKernel = 'PaddlewheelLinear';

function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return runKernel(tf.BatchMatMul, { a, b }, { transposeA, transposeB });
}

defineGradient(linearKernel, ['x', 'weight'], (dy, [x, weight]) => ({
  x: () => product(dy, weight, false, true),
  weight: () => product(x, dy, true, false),
  // Asked for only where there is a bias.
  bias: () => tf.sum(dy, 0),
}));

/**
 * `x W + b`: a matrix product, and a row that is added to each of its rows.
 *
 * @param x - [N, in]
 * @param weight - [in, out]
 * @param bias - [out]
 * @returns [N, out]
 * @throws `ShapeMismatchError` when the shapes do not fit
 */
export const linearMap = defineOperation('linearMap', (x: Tensor2D, weight: Tensor2D, bias?: Tensor1D): Tensor2D => {
  const [inputs, outputs] = weight.shape;
  if (x.rank !== 2 || weight.rank !== 2 || x.shape[1] !== inputs) {
    throw new ShapeMismatchError(
      `a linear map needs an input [N, in] and a weight [in, out], got [${x.shape.join(', ')}] and [${weight.shape.join(', ')}]`,
    );
  }
  if (bias && (bias.rank !== 1 || bias.shape[0] !== outputs)) {
    throw new ShapeMismatchError(
      `a linear map with ${outputs} outputs needs a bias of shape [${outputs}], got [${bias.shape.join(', ')}]`,
    );
  }
  if (hasKernel(linearKernel) && x.size > 0 && weight.size > 0) {
    return runKernel(linearKernel, bias ? { x, weight, bias } : { x, weight }, {}) as Tensor2D;
  }
  const y = tf.matMul<Tensor2D>(x, weight);
  return bias ? tf.add<Tensor2D>(y, bias) : y;
});
