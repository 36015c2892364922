/**
 * Gradients that TensorFlow.js has for a part of what its operations take.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../../generated/tfjs-gradients.js';

/** Sums over the axes along which a tensor of `shape` was repeated. */
function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const added = x.rank - shape.length;
  const axes = [...x.shape.keys()].filter((axis) => x.shape[axis] !== shape[axis - added]);
  return axes.length === 0 ? x : tf.reshape(tf.sum(x, axes), [...shape]);
}

// The one of TensorFlow.js does not know that the axes of the batch broadcast.
tf.registerGradient({
  kernelName: tf.BatchMatMul,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved, attributes) => {
    const [a, b] = saved as [Tensor, Tensor];
    const { transposeA, transposeB } = attributes as unknown as tf.BatchMatMulAttrs;
    const product = dy as Tensor;
    // With y = op(a) op(b): d op(a) = dy op(b)^T and d op(b) = op(a)^T dy, each transposed once more where op does.
    return {
      a: () =>
        sumTo(
          transposeA ? tf.matMul(b, product, transposeB, true) : tf.matMul(product, b, false, !transposeB),
          a.shape,
        ),
      b: () =>
        sumTo(
          transposeB ? tf.matMul(product, a, true, transposeA) : tf.matMul(a, product, !transposeA, false),
          b.shape,
        ),
    };
  },
});
