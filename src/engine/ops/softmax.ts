/**
 * Softmax and its logarithm along any axis.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { defineOperation, hasKernel, runKernel } from './dispatch.js';

/** Names of the kernels; each gradient takes dy and the result y. */
export const softmaxKernels = {
  softmax: 'PaddlewheelSoftmax',
  softmaxGradient: 'PaddlewheelSoftmaxGradient',
  logSoftmax: 'PaddlewheelLogSoftmax',
  logSoftmaxGradient: 'PaddlewheelLogSoftmaxGradient',
} as const;

/** Attributes of the kernels. */
export interface SoftmaxAttributes {
  /** The axis along which the result sums to 1, at least 0. */
  readonly axis: number;
}

/** Registers the gradient of a kernel, and the gradient of that by `dy` and by `y`. */
function registerGradients(
  forward: string,
  gradient: string,
  second: (outer: Tensor, dy: Tensor, y: Tensor, axis: number) => { dy: () => Tensor; y: () => Tensor },
): void {
  tf.registerGradient({
    kernelName: forward,
    outputsToSave: [true],
    gradFunc: (dy, [y], attributes) => ({ x: () => runKernel(gradient, { dy: dy as Tensor, y: y! }, attributes) }),
  });
  tf.registerGradient({
    kernelName: gradient,
    inputsToSave: ['dy', 'y'],
    gradFunc: (outer, [dy, y], attributes) =>
      second(outer as Tensor, dy!, y!, (attributes as unknown as SoftmaxAttributes).axis),
  });
}

registerGradients(softmaxKernels.softmax, softmaxKernels.softmaxGradient, (outer, dy, y, axis) => ({
  dy: () => runKernel(softmaxKernels.softmaxGradient, { dy: outer, y }, { axis }),
  y: () => {
    const total = (a: Tensor) => tf.sum(tf.mul(a, y), axis, true);
    return tf.sub(tf.mul(outer, tf.sub(dy, total(dy))), tf.mul(dy, total(outer)));
  },
}));

registerGradients(softmaxKernels.logSoftmax, softmaxKernels.logSoftmaxGradient, (outer, dy, y, axis) => ({
  dy: () => tf.sub(outer, tf.sum(tf.mul(outer, tf.exp(y)), axis, true)),
  y: () => tf.neg(tf.mul(tf.mul(outer, tf.exp(y)), tf.sum(dy, axis, true))),
}));

function run(kernel: string, general: (x: Tensor) => Tensor, x: Tensor, axis: number): Tensor {
  if (x.dtype === 'float32' && x.rank > 0 && hasKernel(kernel)) return runKernel(kernel, { x }, { axis });
  const last = x.rank - 1;
  if (axis === last || x.rank === 0) return general(x);
  const swapped = x.shape.map((_, index) => (index === axis ? last : index === last ? axis : index));
  return tf.transpose(general(tf.transpose(x, swapped)), swapped);
}

/**
 * `exp(x) / sum(exp(x))` along an axis.
 *
 * @param axis - at least 0
 */
export const softmax = defineOperation('softmax', (x: Tensor, axis: number) =>
  run(softmaxKernels.softmax, (value) => tf.softmax(value), x, axis),
);

/**
 * `x - log(sum(exp(x)))` along an axis.
 *
 * @param axis - at least 0
 */
export const logSoftmax = defineOperation('logSoftmax', (x: Tensor, axis: number) =>
  run(softmaxKernels.logSoftmax, (value) => tf.logSoftmax(value), x, axis),
);
