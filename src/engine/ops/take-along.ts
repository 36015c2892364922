/**
 * Elements chosen along an axis.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { defineGradient, defineOperation, hasKernel, runKernel } from './dispatch.js';

/** Names of the kernels behind {@link takeAlong}. */
export const takeAlongKernels = {
  forward: 'PaddlewheelTakeAlong',
  gradient: 'PaddlewheelTakeAlongGradient',
} as const;

/** Attributes of the kernels. */
export interface TakeAlongAttributes {
  /** The axis, at least 0. */
  readonly axis: number;
  /** Shape of what elements are taken from. */
  readonly shape: readonly number[];
}

// Taking is linear, so that the two kernels are each other's gradients.
defineGradient(takeAlongKernels.forward, ['indices'], (dy, [indices], attributes: TakeAlongAttributes) => ({
  x: () => runKernel(takeAlongKernels.gradient, { dy, indices }, attributes),
}));
defineGradient(takeAlongKernels.gradient, ['indices'], (dx, [indices], attributes: TakeAlongAttributes) => ({
  dy: () => runKernel(takeAlongKernels.forward, { x: dx, indices }, attributes),
}));

function generalTake(x: Tensor, indices: Tensor, axis: number): Tensor {
  const inner = sizeOf(x.shape.slice(axis + 1));
  const [length = 1, count = 1] = [x.shape[axis], indices.shape[axis]];
  const places = Int32Array.from(indices.dataSync(), (at: number, i) => {
    const outer = Math.floor(i / (inner * count));
    return (outer * length + at) * inner + (i % inner);
  });
  return tf.reshape(tf.gather(tf.reshape(x, [-1]), tf.tensor1d(places, 'int32')), indices.shape);
}

/**
 * Elements of `x` along an axis, one for each of `indices`.
 *
 * @param indices - int32, of the shape of `x` except along the axis, each at least 0 and below the length of that
 * @param axis - at least 0
 */
export const takeAlong = defineOperation('takeAlong', (x: Tensor, indices: Tensor, axis: number): Tensor => {
  if (x.dtype !== 'float32' || !hasKernel(takeAlongKernels.forward)) return generalTake(x, indices, axis);
  return runKernel(takeAlongKernels.forward, { x, indices }, { axis, shape: x.shape });
});
