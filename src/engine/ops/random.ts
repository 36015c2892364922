/**
 * Tensors of random numbers.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { RandomStream } from '../../common/random.js';
import { defineOperation, hasKernel, runKernel } from './dispatch.js';

/** Names of the kernels behind {@link randomTensor}. */
export const randomKernels = { uniform: 'PaddlewheelRandomUniform', normal: 'PaddlewheelRandomNormal' } as const;

/** What random numbers are like: the arguments of {@link RandomStream.fillUniform} or {@link RandomStream.fillNormal}. */
export type Distribution =
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number };

/** Attributes of the kernels: the stream of random words, and the distribution. */
export type RandomAttributes<Kind extends Distribution['kind']> = RandomStream['origin'] &
  Extract<Distribution, { kind: Kind }> & { readonly shape: readonly number[] };

/** Fills an array with random numbers. */
export function fillRandomly(target: Float32Array, distribution: Distribution, stream: RandomStream): Float32Array {
  return distribution.kind === 'uniform'
    ? stream.fillUniform(target, distribution.low, distribution.high)
    : stream.fillNormal(target, distribution.mean, distribution.std);
}

/**
 * A tensor of random numbers, the same on every engine.
 *
 * @param stream - a fresh stream
 */
export const randomTensor = defineOperation(
  'randomTensor',
  (shape: readonly number[], distribution: Distribution, stream: RandomStream): Tensor => {
    const name = randomKernels[distribution.kind];
    if (hasKernel(name)) return runKernel(name, {}, { ...stream.origin, ...distribution, shape });
    return tf.tensor(fillRandomly(new Float32Array(sizeOf(shape)), distribution, stream), [...shape], 'float32');
  },
);
