/**
 * Dropout.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../../common/random.js';
import { defineOperation, hasKernel, runKernel, runKernels } from './dispatch.js';

/** Names of the kernels behind {@link dropout}. */
export const dropoutKernels = {
  forward: 'PaddlewheelDropout',
  gradient: 'PaddlewheelDropoutGradient',
} as const;

/** Attributes of the kernels of {@link dropout}. */
export interface DropoutAttributes {
  /** The stream of random words. */
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number];
  /** The smallest word of an element that is kept, below 2^32. */
  readonly threshold: number;
  /** Factor on elements that are kept. */
  readonly scale: number;
}

tf.registerGradient({
  kernelName: dropoutKernels.forward,
  outputsToSave: [false, true],
  gradFunc: (dys, [mask], attributes) => ({
    x: () => runKernel(dropoutKernels.gradient, { dy: (dys as Tensor[])[0]!, mask: mask! }, attributes),
  }),
});

tf.registerGradient({
  kernelName: dropoutKernels.gradient,
  inputsToSave: ['mask'],
  gradFunc: (outer, [mask], attributes) => ({
    dy: () => runKernel(dropoutKernels.gradient, { dy: outer as Tensor, mask: mask! }, attributes),
    mask: () => tf.zerosLike(mask!),
  }),
});

/** The smallest word that {@link RandomStream.fillUniform} turns into a number of at least `p`. */
function thresholdOf(p: number): number {
  let [low, high] = [0, 2 ** 32];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (Math.fround((middle + 0.5) / 2 ** 32) < p) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Multiplies each element by 0 with probability `p`, and by `scale` otherwise.
 *
 * @param p - in [0, 1]
 * @param stream - a fresh stream; element i uses its word i
 */
export const dropout = defineOperation(
  'dropout',
  (x: Tensor, p: number, scale: number, stream: RandomStream): Tensor => {
    if (x.dtype === 'float32' && p < 1 && hasKernel(dropoutKernels.forward)) {
      const attributes: DropoutAttributes = { ...stream.origin, threshold: thresholdOf(p), scale };
      return runKernels(dropoutKernels.forward, { x }, attributes)[0]!;
    }
    const mask = stream.fillUniform(new Float32Array(x.size));
    for (let i = 0; i < mask.length; i++) mask[i] = p === 1 || (mask[i] ?? 0) < p ? 0 : scale;
    return tf.mul(x, tf.tensor(mask, x.shape));
  },
);
